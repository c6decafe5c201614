// How it stands with a task, in a word and a sign.
import { CirclePause, Clock4, CloudUpload, Hourglass, Lock, Play, Settings2, Siren, UsersRound, Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Call, Task } from './core/data';
import { leftOf } from './core/data';
import { useServerNow, useWords } from './useTerminal';
import own from './work.module.css';

const SIGNS = {
  mine: Play,
  called: Siren,
  paused: CirclePause,
  theirs: UsersRound,
  ready: Clock4,
  waiting: Hourglass,
  finished: Lock,
} as const;

export function StateMark({ task }: { task: Task }) {
  const { t } = useTranslation('terminal');
  const isSetup = task.state === 'mine' && task.phase === 'SETUP';
  const Sign = isSetup ? Settings2 : SIGNS[task.state];
  const said = isSetup ? t('state.setup') : t(`state.${task.state}`);
  return (
    <span className={own.state} data-tone={isSetup ? 'setup' : task.state}>
      <Sign aria-hidden />{' '}
      {task.state === 'theirs' && task.others.length > 0
        ? t('state.theirsNamed', { names: task.others.map(({ name }) => name).join(', ') })
        : said}
      {task.isKept && (
        <>
          {' '}
          <CloudUpload aria-label={t('state.kept')} />
        </>
      )}
    </span>
  );
}

/** What it waits for: the first thing that is in the way. */
export function Waits({ task }: { task: Task }) {
  const { t } = useTranslation('terminal');
  const [words, now] = [useWords(), useServerNow(60_000)];
  const first = task.waitsFor[0];
  if (first === undefined) return null;
  const Sign = first.kind === 'MACHINE' ? Wrench : first.kind === 'BLOCKED_JOB' ? Lock : first.kind === 'ANDON_CALL' ? Siren : Hourglass;
  return (
    <span className={own.state} data-tone="waiting">
      <Sign aria-hidden />{' '}
      {t(`waits.${first.kind}`, { operation: first.operation ?? '', when: first.until ? words.when(first.until, now) : '' })}
    </span>
  );
}

/** For how long it has been so, from the first minute on. */
export function Lasts({ since }: { since: number | undefined }) {
  const { t } = useTranslation('terminal');
  const [words, now] = [useWords(), useServerNow(10_000)];
  const seconds = Math.max(0, now - (since ?? now)) / 1_000;
  return seconds >= 60 ? <span>{t('task.since', { time: words.roughly(seconds) })}</span> : null;
}

/** What help was called for, how long ago, and whether it is on its way. */
export function Called({ call: { reason, since, isAnswered } }: { call: Call }) {
  const { t } = useTranslation('terminal');
  return (
    <p className={own.called}>
      <strong dir="auto">{reason}</strong>
      <Lasts since={since} />
      {/* The clock beside it is not read out each minute. */}
      <span role="status">{isAnswered ? t('call.answered') : t('call.open')}</span>
    </p>
  );
}

/** So many of so many, and what was lost. */
export function Made({ task }: { task: Task }) {
  const { t } = useTranslation('terminal');
  const words = useWords();
  const left = leftOf(task);
  const unit = task.unit;
  return (
    <p className={own.made}>
      <span>
        {task.quantity === undefined
          ? t('task.good', { good: words.amount(task.good), unit })
          : t('task.goodOf', { good: words.amount(task.good), of: words.amount(task.quantity), unit })}
      </span>
      {left !== undefined && task.quantity !== undefined && task.quantity > 0 && (
        <progress max={task.quantity} value={Math.min(task.good, task.quantity)} aria-label={t('task.progress')} />
      )}
      {task.scrap > 0 && <span className={own.scrap}>{t('task.scrap', { scrap: words.amount(task.scrap), unit })}</span>}
    </p>
  );
}
