import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { Funnel, Layers, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { TodayFloorQuery, TodayPlanQuery } from '../../api/generated/today';
import { Mark } from '../../design/Mark';
import { Panel } from '../../design/Panel';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { type Load, loads, shareOf } from './model';
import css from './Today.module.css';

const FULL = 0.9;

interface Props {
  plan: UseQueryResult<TodayPlanQuery>;
  floor: TodayFloorQuery | undefined;
  /** The local day. */
  day: string;
}

/** What is planned today of the time that is open, by work center, which of them is the narrowest, and what does not go together. */
export function LoadPanel({ plan, floor, day }: Props) {
  const { t } = useTranslation('today');
  const lanes = plan.data?.load.lanes;
  const today = lanes && loads(lanes, (date) => date === day);
  const [narrowest] = lanes ? loads(lanes, () => true) : [];
  // What is late has a panel of its own.
  const conflicts = plan.data?.conflicts.counts.reduce((sum, { kind, count }) => (kind === 'LATE' ? sum : sum + count), 0) ?? 0;
  const share = narrowest && shareOf(narrowest);
  const waiting = floor?.workCenters.edges.find(({ node }) => node.id === narrowest?.id)?.node.waitingOperations;
  return (
    <Panel title={t('load.title')} aside={t('load.aside')}>
      {plan.error && plan.data === undefined ? (
        <Failure error={plan.error} retry={() => void plan.refetch()} compact />
      ) : today === undefined ? (
        <SkeletonRows rows={7} />
      ) : today.length === 0 ? (
        <Empty icon={Layers} title={t('load.none')}>
          {t('load.noneWhy')}
        </Empty>
      ) : (
        <>
          {narrowest && share !== undefined && share > 0 && (
            <p className={css.narrowest}>
              <Mark tone="plain" icon={Funnel}>
                {t('load.bottleneck', { name: narrowest.name })}
              </Mark>
              <span className="muted">{t('load.bottleneckWhy', { share: Math.round(share * 100), waiting: waiting ?? 0 })}</span>
            </p>
          )}
          {conflicts > 0 && (
            <p className={css.conflicts}>
              <TriangleAlert size={14} aria-hidden />
              <Link to="/board">{t('load.conflicts', { count: conflicts })}</Link>
            </p>
          )}
          <ul className={css.loads}>
            {today.map((load) => (
              <LoadRow key={load.id} load={load} />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function LoadRow({ load }: { load: Load }) {
  const { t } = useTranslation('today');
  const { duration } = useFormat();
  const share = shareOf(load);
  const said =
    share === undefined ? t('load.closed') : t('load.of', { planned: duration(load.plannedSeconds), open: duration(load.openSeconds) });
  return (
    <li className={css.load}>
      <span className={css.loadName} title={load.name}>
        {load.name}
      </span>
      <span className={clsx(css.bar, share === undefined && css.unknown)} aria-hidden>
        {share !== undefined && (
          <span className={clsx(css.fill, share > FULL && css.full)} style={{ width: `${Math.min(1, share) * 100}%` }} />
        )}
      </span>
      <span className={css.loadShare}>{share === undefined ? '–' : `${Math.round(share * 100)} %`}</span>
      <span className={css.loadSaid}>{said}</span>
    </li>
  );
}
