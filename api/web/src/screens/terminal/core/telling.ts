// The work of who is here, as the server tells it: what was done at this tablet since makes some of it old.
import { TerminalJobDocument } from '../../../api/generated/terminal';
import { Unreachable } from '../../../api/post';
import { type Job, leftAfter, type Work } from './data';
import type { Entry, Visit } from './entry';
import { isSameNumber } from './scan';
import { inNameOf, NeedsOwner } from './sender';
import type { Scene } from './state';
import { tellWork } from './work';

export class Telling {
  readonly #dirty = new Set<string>();
  #position: string | undefined;
  /** Since when this visit lasts: what is older is told anew. */
  #since = 0;

  constructor(private readonly scene: Scene) {}

  /** Somebody has come: jobs are told anew. */
  begin(): void {
    this.#since = this.scene.around.clock.now();
  }

  /** It is not in what was told. */
  async wasSent(entry: Entry, position: string | null | undefined): Promise<void> {
    if (entry.deed.kind !== 'machine') this.#dirty.add(entry.deed.jobId);
    if (position != null && (this.#position === undefined || BigInt(position) > BigInt(this.#position))) this.#position = position;
    if (this.scene.state.visit !== undefined) this.scene.set({ sent: [...this.scene.state.sent, entry] });
    await this.#noteLeft(entry);
  }

  /** What somebody has paused is theirs to go on with, also where the plan has it for nobody. */
  async #noteLeft({ deed, visit: { operatorId } }: Entry): Promise<void> {
    const { store } = this.scene.around;
    const work = await store.get(`work:${operatorId}`);
    if (work !== undefined) await store.set(`work:${operatorId}`, { ...work, left: leftAfter(work.left ?? [], deed) });
  }

  /** The work of who is here, in their name; who was let in unseen is let in now, or is not. */
  async look(): Promise<void> {
    const { visit } = this.scene.state;
    if (visit === undefined) return;
    try {
      const work = await this.scene.around.exclusive(() => inNameOf(this.scene.around, visit, () => this.#work(visit)));
      await this.scene.around.store.set(`work:${visit.operatorId}`, work);
      if (this.scene.state.visit?.id !== visit.id) return;
      this.scene.set({ work, sent: [], visit: { ...visit, isConfirmed: true } });
    } catch (error) {
      if (!(error instanceof NeedsOwner)) throw error;
      if (this.scene.state.visit?.id === visit.id) this.scene.set({ visit: undefined, work: undefined, sent: [], wasOut: visit.name });
    }
  }

  async #work({ operatorId }: Visit): Promise<Work> {
    const { clock, door, store } = this.scene.around;
    const { jobs: before = {}, left = [] } = (await store.get(`work:${operatorId}`)) ?? {};
    const isStale = (id: string, at: number) => this.#dirty.has(id) || at < this.#since;
    const wanted = { operatorId, before, isStale, left, also: this.#jobsInHand(), minPosition: this.#position };
    const work = await tellWork({ clock, door }, wanted);
    for (const id of this.#dirty) if (work.jobs[id] !== before[id]) this.#dirty.delete(id);
    return work;
  }

  /** Jobs that something was done on here, whatever the plan has for them. */
  #jobsInHand(): string[] {
    return [...this.scene.state.entries, ...this.scene.state.sent].flatMap(({ deed }) => (deed.kind === 'machine' ? [] : [deed.jobId]));
  }

  /** A job by its number, as somebody types or scans it. */
  async job(number: string): Promise<Job | undefined> {
    const { visit, work } = this.scene.state;
    const known = Object.values(work?.jobs ?? {}).find(({ job }) => isSameNumber(job.number, number));
    if (visit === undefined) return known?.job;
    try {
      const ask = () => this.scene.around.door.ask(TerminalJobDocument, { number });
      const { job } = await this.scene.around.exclusive(() => inNameOf(this.scene.around, visit, ask));
      if (job != null && this.scene.state.work !== undefined) {
        const jobs = { ...this.scene.state.work.jobs, [job.id]: { job, at: this.scene.around.clock.now() } };
        this.scene.set({ work: { ...this.scene.state.work, jobs } });
      }
      return job ?? undefined;
    } catch (error) {
      if (known !== undefined && error instanceof Unreachable) return known.job;
      throw error;
    }
  }
}
