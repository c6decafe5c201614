// How far it has got, how long it will take, and what was not done.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './import.module.css';
import type { Progress, Refused } from './run';
import type { Import, Stage } from './useImport';

type Shown = Exclude<Stage, { at: 'choosing' }>;

export function Working({ work, stage }: { work: Import; stage: Shown }) {
  const { t } = useTranslation('import');
  const { progress } = stage;
  const made = progress === undefined ? 0 : progress.done - progress.refused.length;
  return (
    <Panel title={stage.at === 'running' ? t('working.title') : t(stage.wasStopped ? 'working.stopped' : 'working.over')}>
      <div className={css.check}>
        {stage.at === 'running' && <Going progress={progress} stop={work.stop} />}
        {stage.at === 'over' && (
          <>
            <p className={css.sum} role="status">
              {!stage.wasStopped && <CircleCheck size={18} aria-hidden />}
              {t('working.made', { count: made - stage.progress.known })}
              {stage.progress.known > 0 && ` ${t('working.known', { count: stage.progress.known })}`}
            </p>
            {stage.progress.refused.length > 0 && <RefusedOnes refused={stage.progress.refused} />}
            <div className={css.actions}>
              {stage.wasStopped && <Button onClick={() => void work.start()}>{t('working.goOn')}</Button>}
              {!stage.wasStopped && (
                <Button component={Link} to="/start">
                  {t('working.next')}
                </Button>
              )}
              <Button variant="default" onClick={work.forget}>
                {t('check.another')}
              </Button>
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}

function Going({ progress, stop }: { progress: Progress | undefined; stop: () => void }) {
  const { t } = useTranslation('import');
  const [format, now] = [useFormat(), useNow(1_000)];
  const [began] = useState(() => Date.now());
  const [done, all] = [progress?.done ?? 0, progress?.all ?? 0];
  const left = useLeft(began, done, all);
  const waits = progress?.waitsUntil === undefined ? 0 : Math.max(0, Math.ceil((progress.waitsUntil - now) / 1_000));
  return (
    <>
      <progress className={css.progress} max={Math.max(all, 1)} value={done} aria-label={t('working.title')} />
      <p>
        {t('working.of', { done: format.amount(done), all: format.amount(all) })}
        {left !== undefined && <span className="muted"> {t('working.left', { time: format.roughly(left) })}</span>}
      </p>
      {waits > 0 && <p className="muted">{t('working.waits', { time: format.roughly(waits) })}</p>}
      {progress?.isAway && <p role="status">{t('working.away')}</p>}
      <div className={css.actions}>
        <Button variant="default" onClick={stop}>
          {t('working.stop')}
        </Button>
      </div>
    </>
  );
}

/** Seconds that the rest will take if it goes on like this; nothing said before there is something to go by. */
function useLeft(began: number, done: number, all: number): number | undefined {
  const [left, setLeft] = useState<number>();
  useEffect(() => {
    const passed = (Date.now() - began) / 1_000;
    if (done > 0 && passed > 2) setLeft((passed / done) * (all - done));
  }, [began, done, all]);
  return left;
}

function RefusedOnes({ refused }: { refused: Refused[] }) {
  const { t } = useTranslation('import');
  return (
    <div>
      <p className={css.warned}>{t('refused.title', { count: refused.length })}</p>
      <Scroll label={t('refused.list')}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col" className="number">
                {t('faults.row')}
              </th>
              <th scope="col">{t('refused.what')}</th>
              <th scope="col">{t('faults.why')}</th>
            </tr>
          </thead>
          <tbody>
            {refused.slice(0, 100).map(({ command, message }) => (
              <tr key={command.commandId}>
                <td className="number">{command.row ?? '–'}</td>
                <th scope="row">{command.about}</th>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  );
}
