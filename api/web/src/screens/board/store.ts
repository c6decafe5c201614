// What is planned in the window, as Kilter told it last: the canvas is patched from here, React looks at single bars.
import type { BoardNewsSubscription, LaneMachineFragment } from '../../api/generated/board';
import { keyOf } from '../../board/types';
import { type Planned, plannedKey, type RawLane } from './data';

export interface Loaded {
  lanes: RawLane[];
  bars: Planned[];
  position: string;
  /** Only these machines were asked for; what is on others is nothing of this board. */
  isPart: boolean;
}

/** A patch, or everything anew. */
export type Change = { bars: Planned[]; gone: string[] } | 'all';
type Watcher = (change: Change) => void;

export class BoardStore {
  lanes: RawLane[] = [];
  /** What is shown: what Kilter told, and over it what is expected of moves that it has not answered. */
  readonly bars = new Map<string, Planned>();
  readonly #told = new Map<string, Planned>();
  #isPart = false;
  version = 0;
  readonly #watchers = new Set<Watcher>();

  load({ lanes, bars, isPart }: Loaded): void {
    this.lanes = lanes;
    this.#isPart = isPart;
    this.#replace(bars);
    this.#tell('all');
  }

  hear({ kind, bars, gone, machines }: BoardNewsSubscription['boardChanged']): void {
    if (kind === 'HEARTBEAT') return;
    const lanesChanged = this.#machines(machines);
    if (kind === 'SNAPSHOT') {
      this.#replace(bars);
      this.#tell('all');
      return;
    }
    const ours = bars.filter((bar) => this.#isOurs(bar));
    const left = bars.filter((bar) => !this.#isOurs(bar)).map(plannedKey);
    const keys = [...gone.map(({ jobId, operation }) => keyOf(jobId, operation)), ...left].filter((key) => this.bars.has(key));
    for (const key of keys) for (const map of [this.#told, this.bars]) map.delete(key);
    for (const bar of ours) for (const map of [this.#told, this.bars]) map.set(plannedKey(bar), bar);
    if (lanesChanged) this.#tell('all');
    else if (ours.length + keys.length > 0) this.#tell({ bars: ours, gone: keys });
  }

  /** Where a board shows the machines of one work center, what goes to others leaves it. */
  #isOurs({ machine }: Planned): boolean {
    return !this.#isPart || this.lanes.some((lane) => lane.machine !== null && lane.machine?.id === machine?.id);
  }

  /** Shows a move before Kilter has answered; what it tells afterwards is what counts. */
  expect(bars: Planned[]): void {
    for (const bar of bars) this.bars.set(plannedKey(bar), bar);
    this.#tell({ bars, gone: [] });
  }

  /** Expects it no more: where Kilter told last that these are, there they are. */
  settle(keys: readonly string[]): void {
    const gone = keys.filter((key) => !this.#told.has(key) && this.bars.delete(key));
    const bars = keys.flatMap((key) => this.#told.get(key) ?? []);
    for (const bar of bars) this.bars.set(plannedKey(bar), bar);
    this.#tell({ bars, gone });
  }

  watch = (watcher: Watcher): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #replace(bars: Planned[]): void {
    for (const map of [this.#told, this.bars]) {
      map.clear();
      for (const bar of bars) if (this.#isOurs(bar)) map.set(plannedKey(bar), bar);
    }
  }

  #machines(machines: LaneMachineFragment[]): boolean {
    const now = new Map(machines.map((machine) => [machine.id, machine]));
    let changed = false;
    this.lanes = this.lanes.map((lane) => {
      const machine = lane.machine && now.get(lane.machine.id);
      if (!machine) return lane;
      changed = true;
      return { ...lane, machine };
    });
    return changed;
  }

  #tell(change: Change): void {
    this.version += 1;
    for (const watcher of this.#watchers) watcher(change);
  }
}
