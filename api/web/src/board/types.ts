// What the board is made of. Instants are milliseconds since 1970: the board reads no dates and asks no clock.

export interface Span {
  start: number;
  end: number;
}

export type LaneState = 'idle' | 'running' | 'setup' | 'down' | 'held' | 'gone' | 'unknown';

/** All of time. */
export const ALWAYS: Span = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };

/** A row of the board: a machine or a person. */
export interface Lane {
  id: string;
  code: string;
  name: string;
  /** Its work center, where it has one. */
  group?: string;
  state: LaneState;
  /** The state in the words of the reader. */
  word: string;
  /** So many bars side by side are no conflict. */
  capacity: number;
  /** When work can be done; undefined where nobody has said yet, which is drawn hatched. */
  open: readonly Span[] | undefined;
}

/** `blocked`: somebody has called for help, and it does not go on. */
export type BarStatus = 'waiting' | 'running' | 'paused' | 'blocked' | 'finished';

/** An operation where the plan has it. */
export interface Bar {
  /** Job and operation: what names it. */
  key: string;
  lane: string;
  /** The work center that it is for. */
  group?: string;
  job: string;
  jobCode: string;
  operation: number;
  name: string;
  start: number;
  runStart: number;
  end: number;
  status: BarStatus;
  /** Its job may not go on. */
  held: boolean;
  /** 0 to 1; undefined where nobody knows, which is drawn hatched. */
  progress: number | undefined;
  pinned: boolean;
  /** It keeps its lane: nothing but its time can be another. */
  stays?: boolean;
  /** When its job is due. */
  due: number | undefined;
}

export type ConflictKind = 'closed' | 'overlap' | 'order' | 'past' | 'late' | 'down' | 'machine';

/** Why something does not go together; `with` is the bar in the way. */
export interface Conflict {
  kind: ConflictKind;
  with?: string;
  minutes?: number;
}

/** Where a bar would go. */
export interface Place {
  key: string;
  lane: string;
  start: number;
  end: number;
}

export interface Proposal {
  places: Place[];
  conflicts: Conflict[];
}

/** What part of time and lanes is seen. */
export interface View {
  from: number;
  msPerPx: number;
  scrollY: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const keyOf = (job: string, operation: number): string => `${job}:${operation}`;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
