// What is planned in the window, as Kilter told it last, and over it what is expected of moves that it has not answered: the canvas is
// patched from here, React looks at single bars.
import type { BoardNewsSubscription, LaneMachineFragment } from '../../api/generated/board';
import { keyOf, type Span } from '../../board/types';
import { type Planned, plannedKey, type RawLane } from './data';

export interface Loaded {
  lanes: RawLane[];
  bars: Planned[];
  position: string;
  /** Only these machines were asked for; what is on others is nothing of this board. */
  isPart: boolean;
  /** The time that was asked for: of what lies outside it nothing is known. */
  time: Span;
}

/** Some bars and lanes, or everything anew. */
export type Change = { bars: Planned[]; gone: string[]; lanes: RawLane[] } | 'all';
type Watcher = (change: Change) => void;

interface Expected {
  bar: Planned;
  /** Once it is answered: the version of the plan that it made. It is over as soon as Kilter has told that one. */
  made?: number;
}

export class BoardStore {
  lanes: RawLane[] = [];
  time: Span = { start: 0, end: 0 };
  /** What is shown. */
  readonly bars = new Map<string, Planned>();
  readonly #told = new Map<string, Planned>();
  readonly #expected = new Map<string, Expected>();
  #isPart = false;
  version = 0;
  readonly #watchers = new Set<Watcher>();

  load({ lanes, bars, isPart, time }: Loaded): void {
    this.lanes = lanes;
    this.time = time;
    this.#isPart = isPart;
    this.#replace(bars);
    this.#tell('all');
  }

  hear({ kind, bars, gone, machines }: BoardNewsSubscription['boardChanged']): void {
    if (kind === 'HEARTBEAT') return;
    const lanes = this.#machines(machines);
    if (kind === 'SNAPSHOT') {
      this.#replace(bars);
      this.#tell('all');
      return;
    }
    const keys = gone.map(({ jobId, operation }) => keyOf(jobId, operation));
    for (const key of keys) {
      this.#told.delete(key);
      // What was taken out or ended elsewhere is not where it is expected either.
      this.#expected.delete(key);
    }
    for (const bar of bars) {
      if (this.#isOurs(bar)) this.#told.set(plannedKey(bar), bar);
      else this.#told.delete(plannedKey(bar));
      this.#met(plannedKey(bar), bar);
    }
    this.#show([...keys, ...bars.map(plannedKey)], lanes);
  }

  /** Where a board shows the machines of one work center, what goes to others leaves it. */
  #isOurs({ machine }: Planned): boolean {
    return !this.#isPart || this.lanes.some((lane) => lane.machine !== null && lane.machine?.id === machine?.id);
  }

  /** Shows a move before Kilter has answered. */
  expect(bars: Planned[]): void {
    for (const bar of bars) this.#expected.set(plannedKey(bar), { bar });
    this.#show(bars.map(plannedKey));
  }

  /** It is answered. What was moved is expected until the news of that version of the plan are here; what was not is where it was told to be. */
  settle(keys: readonly string[], made?: number): void {
    for (const key of keys) {
      const expected = this.#expected.get(key);
      if (expected === undefined) continue;
      if (made === undefined) this.#expected.delete(key);
      else {
        expected.made = made;
        const told = this.#told.get(key);
        if (told) this.#met(key, told);
      }
    }
    this.#show(keys);
  }

  watch = (watcher: Watcher): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Expects it no more where what is told is as new as the answer. */
  #met(key: string, told: Planned): void {
    const made = this.#expected.get(key)?.made;
    if (made !== undefined && told.planVersion >= made) this.#expected.delete(key);
  }

  #replace(bars: Planned[]): void {
    this.#told.clear();
    this.bars.clear();
    for (const bar of bars) {
      this.#met(plannedKey(bar), bar);
      if (this.#isOurs(bar)) this.#told.set(plannedKey(bar), bar);
    }
    // What was moved and is not told here has left what is shown.
    for (const [key, { made }] of this.#expected) if (made !== undefined && !this.#told.has(key)) this.#expected.delete(key);
    for (const [key, bar] of this.#told) this.bars.set(key, bar);
    for (const [key, { bar }] of this.#expected) this.bars.set(key, bar);
  }

  /** Puts together what is shown of these, and says what has become another. */
  #show(keys: readonly string[], lanes: RawLane[] = []): void {
    const [bars, gone]: [Planned[], string[]] = [[], []];
    for (const key of new Set(keys)) {
      const [was, is] = [this.bars.get(key), this.#expected.get(key)?.bar ?? this.#told.get(key)];
      if (was === is) continue;
      if (is === undefined) {
        this.bars.delete(key);
        gone.push(key);
      } else {
        this.bars.set(key, is);
        bars.push(is);
      }
    }
    if (bars.length + gone.length + lanes.length > 0) this.#tell({ bars, gone, lanes });
  }

  /** The lanes whose machines are told anew. */
  #machines(machines: LaneMachineFragment[]): RawLane[] {
    if (machines.length === 0) return [];
    const now = new Map(machines.map((machine) => [machine.id, machine]));
    const changed: RawLane[] = [];
    this.lanes = this.lanes.map((lane) => {
      const machine = lane.machine && now.get(lane.machine.id);
      if (!machine) return lane;
      const next = { ...lane, machine };
      changed.push(next);
      return next;
    });
    return changed;
  }

  #tell(change: Change): void {
    this.version += 1;
    for (const watcher of this.#watchers) watcher(change);
  }
}
