// What runs, what is next, what comes after it.
import clsx from 'clsx';
import {
  ChevronRight,
  CircleCheck,
  CirclePause,
  ClipboardCheck,
  Flag,
  HandHelping,
  ListPlus,
  OctagonX,
  Play,
  Settings2,
  Siren,
  TriangleAlert,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Empty, SkeletonRows } from '../../design/states';
import { Big } from './Big';
import type { Task } from './core/data';
import type { Visit } from './core/entry';
import { Called, Lasts, Made, StateMark, Waits } from './marks';
import { Reads } from './Reads';
import { StraysButton } from './Strays';
import { Title } from './Title';
import { useHere, useServerNow, useWords } from './useTerminal';
import type { Acts } from './WorkScreen';
import own from './work.module.css';

interface QueueProps {
  visit: Visit;
  tasks: Task[];
  acts: Acts;
  find: () => void;
  stop: () => void;
  strays: () => void;
}

export function Queue({ visit, tasks, acts, find, stop, strays }: QueueProps) {
  const { t } = useTranslation('terminal');
  const { state } = useHere();
  const open = tasks.filter((task) => task.state !== 'finished');
  const running = open.filter((task) => task.state === 'mine');
  const next = open.find((task) => task.state === 'ready' || task.state === 'paused');
  const called = open.filter((task) => task.state === 'called');
  const rest = open.filter((task) => task !== next && task.state !== 'mine' && task.state !== 'called');
  return (
    <div className={own.queue}>
      <Title>{visit.name}</Title>
      <Reads visit={visit} />
      {running.map((task) => (
        <Running key={task.key} task={task} acts={acts} />
      ))}
      {called.map((task) => (
        <Helpless key={task.key} task={task} acts={acts} />
      ))}
      {next && <Next task={next} isFirst={running.length === 0} acts={acts} />}
      {rest.length > 0 && (
        <section aria-labelledby="rest">
          <h2 id="rest">{t('queue.rest')}</h2>
          <ul className={own.rows}>
            {rest.map((task) => (
              <Row key={task.key} task={task} open={() => acts.open(task)} />
            ))}
          </ul>
        </section>
      )}
      {state.work === undefined ? (
        state.link === 'offline' ? (
          <Empty icon={ClipboardCheck} title={t('queue.unknown')}>
            {t('queue.unknownWhy')}
          </Empty>
        ) : (
          <SkeletonRows rows={4} height={64} />
        )
      ) : (
        open.length === 0 && (
          <Empty icon={ClipboardCheck} title={t('queue.none')}>
            {t('queue.noneWhy')}
          </Empty>
        )
      )}
      <div className={own.foot}>
        <Big icon={ListPlus} onClick={find}>
          {t('queue.find')}
        </Big>
        <Big icon={OctagonX} tone="stop" onClick={stop}>
          {t('queue.stop')}
        </Big>
        {visit.isConfirmed && <StraysButton open={strays} />}
      </div>
    </div>
  );
}

export function TaskName({ task }: { task: Task }) {
  return (
    <>
      <strong className={own.number}>{task.job}</strong>{' '}
      <span>
        {task.operation}
        {task.name && ` · ${task.name}`}
      </span>
    </>
  );
}

function Running({ task, acts }: { task: Task; acts: Acts }) {
  const { t } = useTranslation('terminal');
  const isSetup = task.phase === 'SETUP';
  return (
    <section
      className={clsx(own.card, isSetup ? own.setup : own.running)}
      data-task={`${task.job}/${task.operation}`}
      data-state={task.state}
    >
      <p className={own.above}>
        <StateMark task={task} /> <Lasts since={task.since} />
      </p>
      <h2>
        <TaskName task={task} />
      </h2>
      <p className={own.product}>
        {task.product}
        {task.machine && <span className={own.machine}> {task.machine.name ?? task.machine.code}</span>}
      </p>
      <Made task={task} />
      <div className={own.acts}>
        <Big icon={CirclePause} tone="hold" onClick={() => acts.pause(task)}>
          {t('act.pause')}
        </Big>
        {isSetup ? (
          <Big icon={Play} tone="go" onClick={() => acts.start(task, 'RUN')}>
            {t('act.run')}
          </Big>
        ) : (
          <Big icon={ClipboardCheck} onClick={() => acts.report(task)}>
            {t('act.report')}
          </Big>
        )}
        <Big icon={Flag} tone="end" onClick={() => acts.finish(task)}>
          {t('act.finish')}
        </Big>
      </div>
      <div className={own.aside}>
        <More task={task} acts={acts} />
        <button type="button" className={own.more} onClick={() => acts.call(task)}>
          <Siren aria-hidden /> {t('act.call')}
        </button>
      </div>
    </section>
  );
}

/** Somebody waits for help there. */
function Helpless({ task, acts }: { task: Task; acts: Acts }) {
  return (
    <section className={clsx(own.card, own.help)} data-task={`${task.job}/${task.operation}`} data-state={task.state}>
      <p className={own.above}>
        <StateMark task={task} />
      </p>
      <h2>
        <TaskName task={task} />
      </h2>
      {task.call && <Called call={task.call} />}
      <Solves task={task} acts={acts} />
      <More task={task} acts={acts} />
    </section>
  );
}

/** Somebody comes to help; help was here. */
export function Solves({ task, acts }: { task: Task; acts: Acts }) {
  const { t } = useTranslation('terminal');
  const isAnswered = task.call?.isAnswered ?? true;
  return (
    <div className={own.acts}>
      {!isAnswered && (
        <Big icon={HandHelping} tone="go" onClick={() => acts.answer(task)}>
          {t('act.answer')}
        </Big>
      )}
      <Big icon={CircleCheck} tone={isAnswered ? 'go' : 'plain'} onClick={() => acts.solve(task)}>
        {t('act.solve')}
      </Big>
    </div>
  );
}

function More({ task, acts }: { task: Task; acts: Acts }) {
  const { t } = useTranslation('terminal');
  return (
    <button type="button" className={own.more} onClick={() => acts.open(task)}>
      {t('task.more')} <ChevronRight aria-hidden />
    </button>
  );
}

function Next({ task, isFirst, acts }: { task: Task; isFirst: boolean; acts: Acts }) {
  const { t } = useTranslation('terminal');
  return (
    <section className={clsx(own.card, own.next)} data-task={`${task.job}/${task.operation}`} data-state={task.state}>
      <p className={own.above}>
        {task.state === 'paused' ? <StateMark task={task} /> : <span>{isFirst ? t('queue.next') : t('queue.then')}</span>}
        <Planned task={task} />
      </p>
      <h2>
        <TaskName task={task} />
      </h2>
      <p className={own.product}>
        {task.product}
        {task.machine && <span className={own.machine}> {task.machine.name ?? task.machine.code}</span>}
      </p>
      <Made task={task} />
      <Starts task={task} acts={acts} />
      <More task={task} acts={acts} />
    </section>
  );
}

/** What begins it: set up first, where the plan has a setup and nobody has begun. */
export function Starts({ task, acts }: { task: Task; acts: Acts }) {
  const { t } = useTranslation('terminal');
  const hasSetup = task.setupSeconds > 0 && task.state !== 'paused' && task.good === 0;
  return (
    <div className={own.acts}>
      {hasSetup && (
        <Big icon={Settings2} tone="plain" onClick={() => acts.start(task, 'SETUP')}>
          {t('act.setup')}
        </Big>
      )}
      <Big icon={Play} tone="go" onClick={() => acts.start(task, 'RUN')}>
        {task.state === 'paused' ? t('act.resume') : task.state === 'theirs' ? t('act.join') : t('act.start')}
      </Big>
    </div>
  );
}

export function Planned({ task }: { task: Task }) {
  const { t } = useTranslation('terminal');
  const [words, now] = [useWords(), useServerNow(60_000)];
  if (task.late && task.due) {
    return (
      <span className={own.late}>
        <TriangleAlert aria-hidden /> {t('task.late', { when: words.when(task.due, now) })}
      </span>
    );
  }
  return task.start ? <span>{t('task.planned', { when: words.when(task.start, now) })}</span> : null;
}

function Row({ task, open }: { task: Task; open: () => void }) {
  return (
    <li>
      <button type="button" className={own.row} data-task={`${task.job}/${task.operation}`} data-state={task.state} onClick={open}>
        <span className={own.rowName}>
          <TaskName task={task} />
          <span className={own.rowProduct}>{task.product}</span>
        </span>
        <span className={own.rowState}>
          {task.state === 'waiting' ? <Waits task={task} /> : <StateMark task={task} />}
          <Planned task={task} />
        </span>
        <ChevronRight aria-hidden />
      </button>
    </li>
  );
}
