// All of one task: how to do it, what it waits for, and what can be done now.
import { CirclePause, ClipboardCheck, Flag, OctagonX, Play, Siren } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from './Big';
import { machinesOf, type Task } from './core/data';
import { Head } from './Head';
import { Called, Made, StateMark, Waits } from './marks';
import { Planned, Solves, Starts, TaskName } from './Queue';
import css from './terminal.module.css';
import { useHere, useSince } from './useTerminal';
import type { Acts } from './WorkScreen';
import own from './work.module.css';

interface TaskViewProps {
  task: Task;
  acts: Acts;
  stop: (machineId: string | undefined) => void;
  back: () => void;
}

export function TaskView({ task, acts, stop, back }: TaskViewProps) {
  const { t } = useTranslation('terminal');
  const [chosen, setChosen] = useState(task.machine);
  const on = { ...task, machine: task.state === 'mine' ? task.machine : chosen };
  return (
    <div className={own.task} data-task={`${task.job}/${task.operation}`} data-state={task.state}>
      <Head back={back}>
        <TaskName task={task} />
      </Head>
      <p className={own.above}>
        {task.state === 'waiting' ? <Waits task={task} /> : <StateMark task={task} />}
        <Planned task={task} />
      </p>
      {task.call && <Called call={task.call} />}
      <p className={own.product}>{task.product}</p>
      <Made task={task} />
      {task.state !== 'mine' && task.state !== 'called' && task.state !== 'finished' && (
        <MachineChoice task={task} chosen={chosen?.id} choose={setChosen} />
      )}
      <Does task={on} acts={acts} />
      <Long title={t('task.instructions')} text={task.instructions} />
      <Long title={t('task.notes')} text={task.notes} />
      <div className={own.foot}>
        {task.state !== 'called' && task.state !== 'finished' && (
          <Big icon={Siren} onClick={() => acts.call(on)}>
            {t('act.call')}
          </Big>
        )}
        <Big icon={OctagonX} tone="stop" onClick={() => stop(on.machine?.id)}>
          {t('queue.stop')}
        </Big>
      </div>
    </div>
  );
}

function Does({ task, acts }: { task: Task; acts: Acts }) {
  const { t } = useTranslation('terminal');
  if (task.state === 'finished') return <p className={css.lead}>{t('task.over')}</p>;
  if (task.state === 'called') return <Solves task={task} acts={acts} />;
  if (task.state !== 'mine') {
    return (
      <>
        {task.state === 'waiting' && <p className={css.lead}>{t('task.early')}</p>}
        <Starts task={task} acts={acts} />
      </>
    );
  }
  return (
    <div className={own.acts}>
      <Big icon={CirclePause} tone="hold" onClick={() => acts.pause(task)}>
        {t('act.pause')}
      </Big>
      {task.phase === 'SETUP' ? (
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
  );
}

function Long({ title, text }: { title: string; text?: string | null }) {
  if (!text) return null;
  return (
    <section className={own.long}>
      <h2>{title}</h2>
      <p dir="auto">{text}</p>
    </section>
  );
}

interface MachineChoiceProps {
  task: Task;
  chosen: string | undefined;
  choose: (machine: Task['machine']) => void;
}

/** On which machine: where there is a choice. */
function MachineChoice({ task, chosen, choose }: MachineChoiceProps) {
  const { t } = useTranslation('terminal');
  const { work } = useHere().state;
  const since = useSince();
  const machines = work === undefined ? [] : machinesOf(work, since).filter(({ workCenter }) => workCenter.id === task.workCenterId);
  const usable = machines.filter(({ status, id }) => status !== 'RETIRED' || id === chosen);
  if (usable.length === 0) return null;
  return (
    <section>
      <h2 id="machine">{t('task.machine')}</h2>
      <fieldset className={own.choices} aria-labelledby="machine">
        {usable.map((machine) => (
          <button
            key={machine.id}
            type="button"
            aria-pressed={machine.id === chosen}
            data-down={machine.status === 'DOWN' || machine.status === 'MAINTENANCE' || undefined}
            onClick={() => choose(machine.id === chosen ? undefined : machine)}
          >
            <strong>{machine.name}</strong>
            <span>
              {machine.code} {machine.status === 'DOWN' && `· ${t('machine.isDown')}`}
            </span>
          </button>
        ))}
      </fieldset>
    </section>
  );
}
