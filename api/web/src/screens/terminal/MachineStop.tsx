// A machine has stopped, or runs again: which, and why.
import { CircleCheck, OctagonX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../../design/states';
import { Big } from './Big';
import { type Machine, machinesOf, type Task } from './core/data';
import type { Deed } from './core/entry';
import { Head } from './Head';
import { ReasonTiles } from './Reasons';
import css from './terminal.module.css';
import { useHere, useSince } from './useTerminal';
import own from './work.module.css';

interface MachineStopProps {
  machineId?: string;
  tasks: Task[];
  does: (deed: Deed) => void;
  back: () => void;
}

const isStopped = ({ status }: Machine): boolean => status === 'DOWN' || status === 'MAINTENANCE';

const machinesIn = (tasks: readonly Task[]): string[] => [...new Set(tasks.flatMap(({ machine }) => machine?.id ?? []))];

const onlyOne = (ids: readonly string[]): string | undefined => (ids.length === 1 ? ids[0] : undefined);

export function MachineStop({ machineId, tasks, does, back }: MachineStopProps) {
  const { t } = useTranslation('terminal');
  const { work } = useHere().state;
  const since = useSince();
  const mine = machinesIn(tasks);
  const running = machinesIn(tasks.filter(({ state }) => state === 'mine'));
  const all = (work === undefined ? [] : machinesOf(work, since)).filter(({ status }) => status !== 'RETIRED');
  // Those of one's own work first.
  const machines = [...all].sort((a, b) => Number(mine.includes(b.id)) - Number(mine.includes(a.id)));
  const [chosen, setChosen] = useState(machineId ?? onlyOne(running.length > 0 ? running : mine));
  const [reason, setReason] = useState('');
  const machine = machines.find(({ id }) => id === chosen);
  const tell = (status: 'DOWN' | 'AVAILABLE') =>
    machine &&
    does({ kind: 'machine', machineId: machine.id, machine: machine.name, status, ...(status === 'DOWN' && { reason: reason.trim() }) });
  return (
    <div className={own.task}>
      <Head back={back}>{t('machine.title')}</Head>
      {machines.length === 0 && (
        <Empty icon={OctagonX} title={t('machine.none')}>
          {t('machine.noneWhy')}
        </Empty>
      )}
      <fieldset className={own.choices} aria-label={t('task.machine')}>
        {machines.map((one) => (
          <button
            key={one.id}
            type="button"
            aria-pressed={one.id === chosen}
            data-down={isStopped(one) || undefined}
            onClick={() => setChosen(one.id)}
          >
            <strong>{one.name}</strong>
            <span>
              {one.code} {isStopped(one) && `· ${t('machine.isDown')}`}
            </span>
          </button>
        ))}
      </fieldset>
      {machine && isStopped(machine) && (
        <>
          <p className={css.lead} dir="auto">
            {t('machine.because', { reason: machine.reason ?? '–' })}
          </p>
          <div className={own.acts}>
            <Big icon={CircleCheck} tone="go" onClick={() => tell('AVAILABLE')}>
              {t('machine.up')}
            </Big>
          </div>
        </>
      )}
      {machine && !isStopped(machine) && (
        <>
          <h2>{t('machine.why')}</h2>
          <ReasonTiles of="stop" chosen={reason} choose={setReason} />
          <div className={own.acts}>
            <Big icon={OctagonX} tone="stop" disabled={reason.trim() === ''} onClick={() => tell('DOWN')}>
              {t('machine.down')}
            </Big>
          </div>
        </>
      )}
    </div>
  );
}
