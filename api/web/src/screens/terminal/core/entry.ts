// What somebody did at the terminal, as it is kept until the server has answered it.

export type Phase = 'SETUP' | 'RUN';

export interface OnOperation {
  jobId: string;
  /** Its number, for people. */
  job: string;
  operation: number;
}

export interface Made {
  good: string;
  scrap: string;
  scrapReason?: string;
}

export type Deed =
  | (OnOperation & { kind: 'start'; phase: Phase; machineId?: string })
  // The machine is known here only: one goes on where one was.
  | (OnOperation & { kind: 'pause'; reason: string; machineId?: string })
  | (OnOperation & { kind: 'call'; reason: string; machineId?: string })
  // Which call: the id that Kilter told, or of the command that made it here.
  | (OnOperation & { kind: 'answer'; callId?: string })
  | (OnOperation & { kind: 'solve'; callId?: string })
  | (OnOperation & Made & { kind: 'report' })
  | (OnOperation & Made & { kind: 'finish' })
  | { kind: 'machine'; machineId: string; machine: string; status: 'DOWN' | 'AVAILABLE'; reason?: string };

/** Somebody at the terminal, from when they come until they leave. */
export interface Visit {
  id: string;
  operatorId: string;
  code: string;
  name: string;
  /** Whether the server has let them in; without network their PIN is looked at later. */
  isConfirmed: boolean;
}

export interface Entry {
  /** Its place in the order in which things were done; given by the store. */
  seq: number;
  commandId: string;
  visit: Visit;
  deed: Deed;
  /** When it was done, by the server's clock as far as it was known. */
  at: number;
  /** What the tablet's clock showed, and in which life of the page. */
  tablet: number;
  life: string;
  /** Whether the clocks had been compared in that life. */
  isMeasured: boolean;
  /** What is told as its time: the same in every try, for another one would be another command. */
  happenedAt?: string;
  /** Why it waits for the one whose it is: their PIN was not right, it is not known here any more, or the server fails at it. */
  held?: 'pin' | 'gone' | 'fault';
  /** How often the server failed at it, and since when. */
  faults?: { count: number; since: number };
  /** Of which company the tablet was. */
  company?: string;
  /** Why the server did not do it. It stays until it was seen by whoever did it. */
  refused?: { code: string; message: string };
}

/** Things whose order counts among each other: what waits holds back what comes after it. */
export const thingOf = (deed: Deed): string => (deed.kind === 'machine' ? deed.machineId : deed.jobId);

export const isWaiting = (entry: Entry): boolean => entry.refused === undefined;

/** What is still to be sent of one person. */
export const waitingOf = (entries: readonly Entry[], operatorId: string): Entry[] =>
  entries.filter((entry) => isWaiting(entry) && entry.visit.operatorId === operatorId);

/** What the owner is to say something about: is it theirs, is it to be tried again? */
export const heldOf = (entries: readonly Entry[], operatorId: string, isFault: boolean): Entry[] =>
  waitingOf(entries, operatorId).filter(({ held }) => held !== undefined && (held === 'fault') === isFault);

/** What was done by people who do not work here, or not any more: they can't come in to send it. */
export const straysOf = (entries: readonly Entry[], operators: readonly { id: string }[]): Entry[] =>
  entries.filter(({ visit }) => !operators.some(({ id }) => id === visit.operatorId));

export const refusedOf = (entries: readonly Entry[], operatorId: string): Entry[] =>
  entries.filter((entry) => !isWaiting(entry) && entry.visit.operatorId === operatorId);
