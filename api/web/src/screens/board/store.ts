// What is planned in the window, as Kilter told it last: the canvas is patched from here, React looks at single bars.
import type { BoardNewsSubscription, LaneMachineFragment } from '../../api/generated/board';
import { keyOf } from '../../board/types';
import { type Planned, plannedKey, type RawLane } from './data';

export interface Loaded {
  lanes: RawLane[];
  bars: Planned[];
  position: string;
}

/** A patch, or everything anew. */
export type Change = { bars: Planned[]; gone: string[] } | 'all';
type Watcher = (change: Change) => void;

export class BoardStore {
  lanes: RawLane[] = [];
  readonly bars = new Map<string, Planned>();
  version = 0;
  readonly #watchers = new Set<Watcher>();

  load({ lanes, bars }: Loaded): void {
    this.lanes = lanes;
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
    const keys = gone.map(({ jobId, operation }) => keyOf(jobId, operation));
    for (const key of keys) this.bars.delete(key);
    for (const bar of bars) this.bars.set(plannedKey(bar), bar);
    if (lanesChanged) this.#tell('all');
    else if (bars.length + keys.length > 0) this.#tell({ bars, gone: keys });
  }

  /** Shows a move before Kilter has answered; what it tells afterwards is what counts. */
  expect(bars: Planned[]): void {
    for (const bar of bars) this.bars.set(plannedKey(bar), bar);
    this.#tell({ bars, gone: [] });
  }

  watch = (watcher: Watcher): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #replace(bars: Planned[]): void {
    this.bars.clear();
    for (const bar of bars) this.bars.set(plannedKey(bar), bar);
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
