import type { TFunction } from 'i18next';
import {
  Ban,
  BellRing,
  CalendarCheck,
  Check,
  Circle,
  CircleDashed,
  CircleOff,
  Clock,
  Hammer,
  type LucideIcon,
  OctagonX,
  Pause,
  Play,
  Wrench,
  X,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Mark, type Tone } from './Mark';

export type JobStatus = 'PENDING' | 'SCHEDULED' | 'RUNNING' | 'PAUSED' | 'BLOCKED' | 'COMPLETED' | 'CANCELLED';
export type OperationStatus = 'WAITING' | 'RUNNING' | 'PAUSED' | 'BLOCKED' | 'FINISHED';
export type MachineStatus = 'AVAILABLE' | 'RUNNING' | 'SETUP' | 'DOWN' | 'MAINTENANCE' | 'RETIRED';

type Look = readonly [Tone, LucideIcon];

const JOB: Record<JobStatus, Look> = {
  PENDING: ['quiet', CircleDashed],
  SCHEDULED: ['plain', CalendarCheck],
  RUNNING: ['running', Play],
  PAUSED: ['held', Pause],
  BLOCKED: ['held', Ban],
  COMPLETED: ['quiet', Check],
  CANCELLED: ['quiet', X],
};

const OPERATION: Record<OperationStatus, Look> = {
  WAITING: ['quiet', Clock],
  RUNNING: ['running', Play],
  PAUSED: ['held', Pause],
  BLOCKED: ['held', BellRing],
  FINISHED: ['quiet', Check],
};

const MACHINE: Record<MachineStatus, Look> = {
  AVAILABLE: ['plain', Circle],
  RUNNING: ['running', Play],
  SETUP: ['setup', Wrench],
  DOWN: ['late', OctagonX],
  MAINTENANCE: ['held', Hammer],
  RETIRED: ['quiet', CircleOff],
};

/** Where a machine is a coloured area instead of a word: the name of the area, and its sign. */
export const MACHINE_AREAS = {
  AVAILABLE: ['free', MACHINE.AVAILABLE[1]],
  RUNNING: ['running', MACHINE.RUNNING[1]],
  SETUP: ['setup', MACHINE.SETUP[1]],
  DOWN: ['down', MACHINE.DOWN[1]],
  MAINTENANCE: ['held', MACHINE.MAINTENANCE[1]],
  RETIRED: ['free', MACHINE.RETIRED[1]],
} as const satisfies Record<MachineStatus, readonly [string, LucideIcon]>;

type StatusProps =
  | { of: 'job'; is: JobStatus; title?: string }
  | { of: 'operation'; is: OperationStatus; title?: string }
  | { of: 'machine'; is: MachineStatus; title?: string };

function lookOf(status: StatusProps): Look {
  if (status.of === 'job') return JOB[status.is];
  return status.of === 'operation' ? OPERATION[status.is] : MACHINE[status.is];
}

function word(t: TFunction<'design'>, status: StatusProps): string {
  if (status.of === 'job') return t(`job.${status.is}`);
  return status.of === 'operation' ? t(`operation.${status.is}`) : t(`machine.${status.is}`);
}

/** How a job, an operation or a machine is doing: the same everywhere. */
export function Status(status: StatusProps) {
  const { t } = useTranslation('design');
  const [tone, icon] = lookOf(status);
  return (
    <Mark tone={tone} icon={icon} title={status.title}>
      {word(t, status)}
    </Mark>
  );
}
