import { Drawer } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Drawer.layer.css';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileQuestion } from 'lucide-react';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import {
  JobBesideChangedDocument,
  JobBesideDocument,
  type JobBesideFragment,
  type JobBesideQuery,
  JobWhyLateDocument,
} from '../../api/generated/job';
import { ask } from '../../api/query';
import { useLive } from '../../api/useLive';
import { Status } from '../../design/Status';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { Late, Quantity, When } from '../../design/values';
import { useFormat } from '../../time/useFormat';
import css from './Beside.module.css';
import { shares } from './why';

const jobQuery = (number: string) =>
  queryOptions({ queryKey: ['job', number], queryFn: ({ signal }) => ask(JobBesideDocument, { number }, signal), staleTime: 0 });

/** A job beside whatever is on the screen. */
export default function Beside({ number, close }: { number: string; close: () => void }) {
  return (
    <Suspense>
      <Panel number={number} close={close} />
    </Suspense>
  );
}

function Panel({ number, close }: { number: string; close: () => void }) {
  const { t } = useTranslation('job');
  // Looked for anew each time it is opened: what was not there before may be there now.
  const { data, error, refetch, isFetching } = useQuery({ ...jobQuery(number), refetchOnMount: 'always' });
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size={460}
      title={t('title', { number })}
      closeButtonProps={{ 'aria-label': t('close') }}
      transitionProps={{ duration: 120 }}
    >
      {error && data === undefined ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : data === undefined || (data.job === null && isFetching) ? (
        <SkeletonRows rows={8} />
      ) : data.job === null ? (
        <Empty icon={FileQuestion} title={t('none', { number })} />
      ) : (
        <Job job={data.job} />
      )}
    </Drawer>
  );
}

function Job({ job }: { job: JobBesideFragment }) {
  const { t } = useTranslation('job');
  const queries = useQueryClient();
  useLive(
    JobBesideChangedDocument,
    { ids: [job.id] },
    {
      next: ({ jobChanged: { kind, job: news } }) => {
        if (kind !== 'CHANGE' || news == null) return;
        queries.setQueryData<JobBesideQuery>(jobQuery(news.number).queryKey, { job: news });
        void queries.invalidateQueries({ queryKey: ['why', news.id] });
      },
    },
  );
  return (
    <div className={css.job}>
      <p className={css.marks}>
        <Status of="job" is={job.status} /> <Late due={job.due} late={job.late} />
      </p>
      {job.reason && <p>{job.reason}</p>}
      <dl className={css.facts}>
        <dt>{t('fact.product')}</dt>
        <dd>{job.product ?? '–'}</dd>
        <dt>{t('fact.customer')}</dt>
        <dd>{job.customer ?? '–'}</dd>
        <dt>{t('fact.due')}</dt>
        <dd>{job.due ? <When at={job.due} /> : '–'}</dd>
        <dt>{t('fact.quantity')}</dt>
        <dd>
          {job.quantity === null ? '–' : <Quantity amount={job.quantity} unit={job.unit} />}{' '}
          <span className="muted">{t('fact.made', { good: job.good, scrap: job.scrap })}</span>
        </dd>
        <dt>{t('fact.priority')}</dt>
        <dd>{job.priority}</dd>
      </dl>
      <Why jobId={job.id} />
      <h3>{t('operations')}</h3>
      <ol className={css.operations}>
        {job.operations.map((operation) => (
          <li key={operation.number}>
            <span className="muted">{operation.number}</span>
            <span className={css.name}>
              {operation.name}
              <span className="muted"> {operation.workCenter.name ?? operation.workCenter.code}</span>
            </span>
            <Status of="operation" is={operation.status} />
            <span className={css.times}>
              <Times operation={operation} />
            </span>
          </li>
        ))}
      </ol>
      {job.notes && (
        <>
          <h3>{t('notes')}</h3>
          <p className={css.notes}>{job.notes}</p>
        </>
      )}
    </div>
  );
}

function Times({ operation }: { operation: JobBesideFragment['operations'][number] }) {
  const { t } = useTranslation('job');
  const people = operation.atWork.map(({ operator }) => operator.name ?? operator.code).join(', ');
  if (operation.finishedAt) {
    return (
      <>
        {t('time.finished')} <When at={operation.finishedAt} />
      </>
    );
  }
  if (operation.beganAt) {
    return (
      <>
        {t('time.began')} <When at={operation.beganAt} /> {people && `· ${people}`}
      </>
    );
  }
  const window = operation.plan?.window;
  if (!window) return <>{t('time.none')}</>;
  return (
    <>
      {t('time.planned')} <When at={window.start} /> – <When at={window.end} />
    </>
  );
}

/** What its time went into, and goes into as it is planned. */
function Why({ jobId }: { jobId: string }) {
  const { t } = useTranslation('job');
  const { duration, roughly } = useFormat();
  const { data } = useQuery({ queryKey: ['why', jobId], queryFn: ({ signal }) => ask(JobWhyLateDocument, { jobId }, signal) });
  const why = data?.whyLate;
  if (why == null || why.stretches.length === 0) return null;
  const all = (Date.parse(why.end) - Date.parse(why.release)) / 1_000;
  return (
    <>
      <h3>{why.lateSeconds > 0 ? t('why.late', { time: roughly(why.lateSeconds) }) : t('why.title')}</h3>
      <ul className={css.why}>
        {shares(why.stretches).map(({ cause, seconds, about }) => (
          <li key={cause}>
            <span>
              {t(`cause.${cause}`)} {about.length > 0 && <span className="muted">{about.slice(0, 3).join(', ')}</span>}
            </span>
            <span className={css.bar} aria-hidden>
              <span
                className={cause === 'RUN' || cause === 'SETUP' || cause === 'DONE' ? css.work : css.wait}
                style={{ width: `${(100 * seconds) / all}%` }}
              />
            </span>
            <span className="number">{duration(seconds)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
