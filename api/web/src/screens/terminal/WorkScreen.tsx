// Somebody's own work: what runs, what is next, and what is to be known first. One thing at a time fills the screen.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big, QuietContext } from './Big';
import { Count } from './Count';
import { type Job, type Task, taskAt, taskOf, tasksOf } from './core/data';
import type { Deed, Phase, Visit } from './core/entry';
import { IDLE_MS } from './core/here';
import { FindJob, JobSteps } from './FindJob';
import { MachineStop } from './MachineStop';
import { Queue } from './Queue';
import { Why } from './Reasons';
import { Strays } from './Strays';
import { TaskView } from './TaskView';
import css from './terminal.module.css';
import { useFault } from './useFault';
import { useHere, useIdle, useKeys, useSince } from './useTerminal';
import own from './work.module.css';

type View =
  | { is: 'queue' | 'strays' }
  | { is: 'task' | 'pause' | 'call' | 'report' | 'finish'; key: string }
  | { is: 'find'; text?: string; told?: number }
  | { is: 'steps'; job: Job }
  | { is: 'stop'; machineId?: string };

/** What can be done with a task. */
export interface Acts {
  start: (task: Task, phase: Phase) => void;
  open: (task: Task) => void;
  pause: (task: Task) => void;
  call: (task: Task) => void;
  answer: (task: Task) => void;
  solve: (task: Task) => void;
  report: (task: Task) => void;
  finish: (task: Task) => void;
}

const WARN_MS = 20_000;
const QUIET_MS = 400;

export function WorkScreen({ visit }: { visit: Visit }) {
  const { t } = useTranslation('terminal');
  const { terminal, state } = useHere();
  const [view, setView] = useState<View>({ is: 'queue' });
  const [aside, setAside] = useState<Task>();
  const { fault, run, clear } = useFault();
  const left = useIdle(IDLE_MS, WARN_MS, () => void terminal.leave());
  const since = useSince();
  const me = visit.operatorId;
  const tasks = state.work === undefined ? [] : tasksOf(state.work, since, me);
  const back = () => {
    clear();
    setView({ is: 'queue' });
  };
  const [isQuiet, once] = useOnce();
  const does = (deed: Deed) =>
    once(async () => {
      if (await run(() => terminal.do(deed))) setView({ is: 'queue' });
    });
  const scanned = (text: string) =>
    void run(async () => {
      const found = await terminal.scan(
        text,
        tasks.map(({ job }) => job),
      );
      const task = found.is === 'own' ? tasks.find(({ job }) => job === found.number) : undefined;
      if (task !== undefined) setView({ is: 'task', key: task.key });
      if (found.is === 'job') setView({ is: 'steps', job: found.job });
      // Said anew, though it may be the number from before.
      if (found.is === 'unknown') setView({ is: 'find', text: found.number, told: performance.now() });
    });
  useKeys({ scan: scanned });
  const show = (is: 'task' | 'pause' | 'call' | 'report' | 'finish') => (task: Task) => {
    setAside(task);
    setView({ is, key: task.key });
  };
  const acts: Acts = {
    start: (task, phase) => void does({ kind: 'start', ...onTask(task), phase, machineId: task.machine?.id }),
    open: show('task'),
    pause: show('pause'),
    call: show('call'),
    answer: (task) => void does({ kind: 'answer', ...onTask(task), callId: task.call?.id }),
    solve: (task) => void does({ kind: 'solve', ...onTask(task), callId: task.call?.id }),
    report: show('report'),
    finish: show('finish'),
  };
  const task = 'key' in view ? taskAt(view.key, tasks, aside) : undefined;
  const openStep = (job: Job, step: number) => {
    const found = taskOf(job, undefined, step, me);
    show('task')(tasks.find(({ key }) => key === found.key) ?? found);
  };
  return (
    <QuietContext value={isQuiet}>
      {left !== undefined && <Leaving left={left} />}
      {fault && (
        <p role="alert" className={css.fault}>
          {fault}
        </p>
      )}
      {view.is === 'find' ? (
        <FindJob key={view.told} text={view.text} found={(job) => setView({ is: 'steps', job })} scanned={scanned} back={back} />
      ) : view.is === 'steps' ? (
        <JobSteps key={view.job.id} job={view.job} open={(step) => openStep(view.job, step)} back={back} />
      ) : view.is === 'stop' ? (
        <MachineStop machineId={view.machineId} tasks={tasks} does={(deed) => void does(deed)} back={back} />
      ) : view.is === 'strays' ? (
        <Strays back={back} />
      ) : task === undefined ? (
        <Queue
          visit={visit}
          tasks={tasks}
          acts={acts}
          find={() => setView({ is: 'find' })}
          stop={() => setView({ is: 'stop' })}
          strays={() => setView({ is: 'strays' })}
        />
      ) : view.is === 'pause' ? (
        <Why
          of="pause"
          task={task}
          choose={(reason) => void does({ kind: 'pause', ...onTask(task), reason, machineId: task.machine?.id })}
          back={back}
        />
      ) : view.is === 'call' ? (
        <Why
          of="call"
          task={task}
          choose={(reason) => void does({ kind: 'call', ...onTask(task), reason, machineId: task.machine?.id })}
          back={back}
        />
      ) : view.is === 'report' || view.is === 'finish' ? (
        <Count
          key={`${view.is} ${task.key}`}
          me={me}
          task={task}
          isLast={view.is === 'finish'}
          done={(made) => void does({ kind: view.is === 'finish' ? 'finish' : 'report', ...onTask(task), ...made })}
          back={back}
        />
      ) : (
        <TaskView key={task.key} task={task} acts={acts} stop={(machineId) => setView({ is: 'stop', machineId })} back={back} />
      )}
      <p className="visually-hidden">{t('who.here', { name: visit.name })}</p>
    </QuietContext>
  );
}

/** Runs one thing at a time, and is quiet for a moment after it. */
function useOnce(): [boolean, (work: () => Promise<void>) => Promise<void>] {
  const [isQuiet, setQuiet] = useState(false);
  const isRunning = useRef(false);
  useEffect(() => {
    if (!isQuiet) return;
    const timer = setTimeout(() => {
      isRunning.current = false;
      setQuiet(false);
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [isQuiet]);
  const once = async (work: () => Promise<void>) => {
    if (isRunning.current) return;
    isRunning.current = true;
    try {
      await work();
    } finally {
      setQuiet(true);
    }
  };
  return [isQuiet, once];
}

const onTask = ({ jobId, job, operation }: Task) => ({ jobId, job, operation });

/** It is about to be handed back. */
function Leaving({ left }: { left: number }) {
  const { t } = useTranslation('terminal');
  return (
    <div className={own.leaving} role="status">
      <p>{t('idle.left', { count: left })}</p>
      <Big tone="go">{t('idle.stay')}</Big>
    </div>
  );
}
