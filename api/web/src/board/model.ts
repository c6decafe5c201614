// Lanes and bars with what is looked up all the time: bars of a lane, of a job, and which of them clash. A change touches no more than its
// own lanes and jobs.
import { disordered, overfull } from './check';
import { ALWAYS, type Bar, type Lane, type Span } from './types';

export class Model {
  lanes: readonly Lane[] = [];
  /** Of this time lanes and bars are known; of the rest nobody can say whether it is free or closed. */
  known: Span = ALWAYS;
  readonly #lanes = new Map<string, Lane>();
  readonly #bars = new Map<string, Bar>();
  readonly #byLane = new Map<string, Bar[]>();
  readonly #byJob = new Map<string, Bar[]>();
  readonly #overfull = new Map<string, Set<string>>();
  readonly #disordered = new Map<string, Set<string>>();

  set(lanes: readonly Lane[], bars: readonly Bar[], known: Span = ALWAYS): void {
    this.lanes = lanes;
    this.known = known;
    for (const map of [this.#lanes, this.#bars, this.#byLane, this.#byJob, this.#overfull, this.#disordered]) map.clear();
    for (const lane of lanes) this.#lanes.set(lane.id, lane);
    for (const bar of bars) this.#add(bar);
    for (const lane of this.#byLane.keys()) this.#checkLane(lane);
    for (const job of this.#byJob.keys()) this.#checkJob(job);
  }

  /** A lane as it is now, with the bars that it has; nothing where there is none of it. */
  setLane(lane: Lane): void {
    const was = this.#lanes.get(lane.id);
    if (was === undefined) return;
    this.#lanes.set(lane.id, lane);
    this.lanes = this.lanes.map((one) => (one.id === lane.id ? lane : one));
    if (was.capacity !== lane.capacity) this.#checkLane(lane.id);
  }

  /** Puts bars where they are now and takes others off; gives the lanes that look different. */
  patch(bars: readonly Bar[], gone: readonly string[]): Set<string> {
    const [lanes, jobs] = [new Set<string>(), new Set<string>()];
    const touch = (bar: Bar) => {
      lanes.add(bar.lane);
      jobs.add(bar.job);
    };
    for (const key of [...gone, ...bars.map((bar) => bar.key)]) {
      const was = this.#remove(key);
      if (was) touch(was);
    }
    for (const bar of bars) {
      this.#add(bar);
      touch(bar);
    }
    for (const lane of lanes) this.#checkLane(lane);
    for (const job of jobs) {
      this.#checkJob(job);
      for (const bar of this.jobBars(job)) lanes.add(bar.lane);
    }
    return lanes;
  }

  lane(id: string): Lane | undefined {
    return this.#lanes.get(id);
  }

  bar(key: string): Bar | undefined {
    return this.#bars.get(key);
  }

  bars(): Iterable<Bar> {
    return this.#bars.values();
  }

  get size(): number {
    return this.#bars.size;
  }

  barsOf(lane: string): readonly Bar[] {
    return this.#byLane.get(lane) ?? [];
  }

  jobBars(job: string): readonly Bar[] {
    return this.#byJob.get(job) ?? [];
  }

  clashes(bar: Bar): boolean {
    return (this.#overfull.get(bar.lane)?.has(bar.key) ?? false) || (this.#disordered.get(bar.job)?.has(bar.key) ?? false);
  }

  #add(bar: Bar): void {
    this.#bars.set(bar.key, bar);
    push(this.#byLane, bar.lane, bar);
    push(this.#byJob, bar.job, bar);
  }

  #remove(key: string): Bar | undefined {
    const bar = this.#bars.get(key);
    if (bar === undefined) return undefined;
    this.#bars.delete(key);
    pull(this.#byLane, bar.lane, bar);
    pull(this.#byJob, bar.job, bar);
    return bar;
  }

  #checkLane(lane: string): void {
    this.#overfull.set(lane, overfull(this.barsOf(lane), this.#lanes.get(lane)?.capacity ?? 1));
  }

  #checkJob(job: string): void {
    this.#disordered.set(job, disordered(this.jobBars(job)));
  }
}

function push(map: Map<string, Bar[]>, key: string, bar: Bar): void {
  const list = map.get(key);
  if (list) list.push(bar);
  else map.set(key, [bar]);
}

function pull(map: Map<string, Bar[]>, key: string, bar: Bar): void {
  const list = map.get(key);
  const at = list?.indexOf(bar) ?? -1;
  if (list && at >= 0) list.splice(at, 1);
}
