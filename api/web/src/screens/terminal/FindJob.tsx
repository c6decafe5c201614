// A job that is not in one's queue: by its number, typed or scanned.
import { ChevronRight, Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from './Big';
import { type Job, taskOf } from './core/data';
import { Head } from './Head';
import { Made, StateMark } from './marks';
import { Scan } from './scan/Scan';
import css from './terminal.module.css';
import { useFault } from './useFault';
import { useHere } from './useTerminal';
import own from './work.module.css';

interface FindJobProps {
  text?: string;
  found: (job: Job) => void;
  /** By camera: it may be a badge as well. */
  scanned: (text: string) => void;
  back: () => void;
}

export function FindJob({ text = '', found, scanned, back }: FindJobProps) {
  const { t } = useTranslation('terminal');
  const { terminal } = useHere();
  const [number, setNumber] = useState(text);
  const [missing, setMissing] = useState(text === '' ? undefined : text);
  const { fault, isBusy, run } = useFault();
  const look = () =>
    run(async () => {
      setMissing(undefined);
      const job = await terminal.job(number.trim());
      if (job === undefined) setMissing(number.trim());
      else found(job);
    });
  return (
    <form
      className={css.narrow}
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
    >
      <Head back={back}>{t('find.title')}</Head>
      <label className={css.field}>
        {t('find.number')}
        <input
          value={number}
          onChange={({ currentTarget: { value } }) => setNumber(value)}
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          required
          // biome-ignore lint/a11y/noAutofocus: there is one field, and it was asked for
          autoFocus
        />
      </label>
      {(fault ?? missing) !== undefined && (
        <p role="alert" className={css.fault}>
          {fault ?? t('find.missing', { number: missing })}
        </p>
      )}
      <Big icon={Search} tone="go" type="submit" disabled={isBusy}>
        {t('find.do')}
      </Big>
      <Scan
        what="job"
        read={(read) => {
          setMissing(undefined);
          scanned(read);
        }}
      />
    </form>
  );
}

/** The operations of a job: which of them? */
export function JobSteps({ job, open, back }: { job: Job; open: (operation: number) => void; back: () => void }) {
  const { visit } = useHere().state;
  const tasks = job.operations.map(({ number }) => taskOf(job, undefined, number, visit?.operatorId ?? ''));
  return (
    <div className={own.task}>
      <Head back={back}>
        <strong className={own.number}>{job.number}</strong> {job.product}
      </Head>
      <ul className={own.rows}>
        {tasks.map((task) => (
          <li key={task.key}>
            <button type="button" className={own.row} onClick={() => open(task.operation)}>
              <span className={own.rowName}>
                <strong>
                  {task.operation} · {task.name}
                </strong>
                <Made task={task} />
              </span>
              <span className={own.rowState}>
                <StateMark task={task} />
              </span>
              <ChevronRight aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
