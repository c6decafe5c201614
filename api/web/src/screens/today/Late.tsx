import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { CalendarCheck, CircleHelp } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TodayJobsQuery, TodayPlanQuery } from '../../api/generated/today';
import { JobLink } from '../../app/JobLink';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { type JobStatus, Status } from '../../design/Status';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { Late, When } from '../../design/values';
import { useFormat } from '../../time/useFormat';
import { atRisk } from './model';
import css from './Today.module.css';

const SHOWN = 12;

interface Row {
  id: string;
  number: string;
  product: string | null;
  customer?: string | null;
  due: string | null;
  late: boolean;
  /** When it ends as it is planned, for what is at risk. */
  end?: string;
  status: JobStatus;
  reason?: string | null;
}

/** Late jobs, the longest late first, then those that will be. */
export function LatePanel({
  jobs,
  plan,
  now,
}: {
  jobs: UseQueryResult<TodayJobsQuery>;
  plan: UseQueryResult<TodayPlanQuery>;
  now: number;
}) {
  const { t } = useTranslation('today');
  const risk = plan.data ? atRisk(plan.data.ahead.bars, now) : [];
  const late: Row[] = jobs.data?.late.edges.map(({ node }) => node) ?? [];
  const rows: Row[] = [...late, ...risk.map((job) => ({ ...job, late: false }))];
  return (
    <div id="late" className={css.wide}>
      <Panel title={t('late.title')} aside={jobs.data && t('late.aside', { late: jobs.data.late.totalCount, risk: risk.length })} flush>
        {jobs.error && jobs.data === undefined ? (
          <Failure error={jobs.error} retry={() => void jobs.refetch()} />
        ) : jobs.data === undefined || plan.isPending ? (
          <SkeletonRows rows={6} />
        ) : (
          <>
            <Unknown jobs={jobs.data.unplanned.totalCount} />
            {rows.length > 0 ? (
              <Table rows={rows} />
            ) : (
              <Empty icon={CalendarCheck} title={jobs.data.unplanned.totalCount > 0 ? t('late.noneKnown') : t('late.none')}>
                {t('late.noneWhy')}
              </Empty>
            )}
          </>
        )}
      </Panel>
    </div>
  );
}

/** What has no place in the plan may be in time or not: nobody knows, and that is said. */
function Unknown({ jobs }: { jobs: number }) {
  const { t } = useTranslation('today');
  const { amount } = useFormat();
  if (jobs === 0) return null;
  return (
    <p className={css.unplanned}>
      <CircleHelp size={16} aria-hidden />
      <span>
        {t('late.unplanned', { count: jobs, amount: amount(jobs) })}{' '}
        <Link to="/board" search={{ panel: 'tray' }}>
          {t('late.plan')}
        </Link>
      </span>
    </p>
  );
}

function Table({ rows }: { rows: Row[] }) {
  const { t } = useTranslation('today');
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? rows : rows.slice(0, SHOWN);
  return (
    <Scroll label={t('late.title')}>
      <table className={clsx(css.table, css.lateJobs)}>
        <thead>
          <tr>
            <th scope="col">{t('column.job')}</th>
            <th scope="col">{t('column.product')}</th>
            <th scope="col">{t('column.due')}</th>
            <th scope="col">{t('column.lateness')}</th>
            <th scope="col">{t('column.status')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                <JobLink number={row.number} />
              </th>
              <td className={css.product}>
                <bdi>{row.product ?? '–'}</bdi>{' '}
                {row.customer && (
                  <span className="muted">
                    · <bdi>{row.customer}</bdi>
                  </span>
                )}
              </td>
              <td className={css.due}>{row.due && <When at={row.due} />}</td>
              <td className={css.lateness}>
                <Lateness row={row} />
              </td>
              <td className={css.reason}>
                <Status of="job" is={row.status} title={row.reason ?? undefined} />{' '}
                {row.reason && <span className="muted">{row.reason}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <button type="button" className={css.more} onClick={() => setWhole(true)}>
          {t('late.more', { count: rows.length - shown.length })}
        </button>
      )}
    </Scroll>
  );
}

function Lateness({ row }: { row: Row }) {
  const { t } = useTranslation('today');
  const { roughly } = useFormat();
  const misses = row.end && row.due ? (Date.parse(row.end) - Date.parse(row.due)) / 1_000 : undefined;
  return (
    <>
      <Late due={row.due} late={row.late} atRisk={!row.late} />{' '}
      {misses !== undefined && <span className="muted">{t('late.misses', { time: roughly(misses) })}</span>}
    </>
  );
}
