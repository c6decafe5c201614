// A job: what it is, how far it is, why it is late, what happened. The same beside a screen and on its own page.
import { Button } from '@mantine/core';
import clsx from 'clsx';
import { createContext, type ReactNode, useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/session';
import { Status } from '../../design/Status';
import { Late, Quantity, When } from '../../design/values';
import { GanttView } from './GanttView';
import { History } from './History';
import css from './job.module.css';
import { Operations } from './Operations';
import type { Job } from './useJob';
import { Why } from './Why';

const LONG = 600;

/** Under which heading the parts of a job are: that of the page, or that of what is beside it. */
const Level = createContext<'h2' | 'h3'>('h3');

export function JobView({ job, wide = false }: { job: Job; wide?: boolean }) {
  const { t } = useTranslation('job');
  const may = useMay();
  return (
    <Level value={wide ? 'h2' : 'h3'}>
      <div className={clsx(css.job, wide && css.wide)}>
        <div className={css.head}>
          <p className={css.marks}>
            <Status of="job" is={job.status} /> <Late due={job.due} late={job.late} soFar />
          </p>
          {job.reason && <p dir="auto">{job.reason}</p>}
          <Facts job={job} />
        </div>
        <Part title={t('gantt.title')} className={css.gantt}>
          <GanttView job={job} />
        </Part>
        <Why jobId={job.id} />
        <Part title={t('operations')}>
          <Operations job={job} />
        </Part>
        {job.notes && (
          <Part title={t('notes')}>
            <Notes text={job.notes} />
          </Part>
        )}
        {may('VIEW_ACTIVITY') && (
          <Part title={t('history.title')} className={css.past}>
            <History number={job.number} />
          </Part>
        )}
      </div>
    </Level>
  );
}

export function Part({ title, children, className }: { title: string; children: ReactNode; className?: string }) {
  const Heading = useContext(Level);
  return (
    <section className={clsx(css.part, className)} aria-label={title}>
      <Heading>{title}</Heading>
      {children}
    </section>
  );
}

function Facts({ job }: { job: Job }) {
  const { t } = useTranslation('job');
  const earlier = [job.requested, ...job.promises.slice(0, -1)].filter((date) => date !== null && date !== job.due);
  return (
    <dl className={css.facts}>
      <dt>{t('fact.product')}</dt>
      <dd>
        <bdi>{job.product ?? '–'}</bdi>
      </dd>
      <dt>{t('fact.customer')}</dt>
      <dd>
        <bdi>{job.customer ?? '–'}</bdi>
      </dd>
      <dt>{t('fact.due')}</dt>
      <dd>
        {job.due ? <When at={job.due} /> : '–'}
        {earlier.length > 0 && (
          <span className="muted">
            {' '}
            {t('fact.before')}{' '}
            {earlier.map((date, at) => (
              <span key={date}>
                {at > 0 && ', '}
                <When at={date ?? ''} />
              </span>
            ))}
          </span>
        )}
      </dd>
      <dt>{t('fact.quantity')}</dt>
      <dd>
        {job.quantity === null ? '–' : <Quantity amount={job.quantity} unit={job.unit} />}{' '}
        <span className="muted">{t('fact.made', { good: job.good, scrap: job.scrap })}</span>
      </dd>
      <dt>{t('fact.priority')}</dt>
      <dd>{job.priority}</dd>
      {job.release && (
        <>
          <dt>{t('fact.release')}</dt>
          <dd>
            <When at={job.release} />
          </dd>
        </>
      )}
      <dt>{t('fact.created')}</dt>
      <dd>
        <When at={job.createdAt} />
      </dd>
      {job.closedAt && (
        <>
          <dt>{t('fact.closed')}</dt>
          <dd>
            <When at={job.closedAt} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** As it was written, in whatever direction; of what is long the beginning first. */
function Notes({ text }: { text: string }) {
  const { t } = useTranslation('job');
  const [all, setAll] = useState(false);
  const isLong = text.length > LONG;
  return (
    <>
      <p className={css.notes} dir="auto">
        {isLong && !all ? `${text.slice(0, LONG)}…` : text}
      </p>
      {isLong && (
        <Button size="compact-sm" variant="subtle" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('notesLess') : t('notesMore')}
        </Button>
      )}
    </>
  );
}
