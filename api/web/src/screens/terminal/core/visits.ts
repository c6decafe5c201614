// Who comes in, by what they show, and what is theirs then. Without network they are taken at their word until it can be looked at.
import { Refusal, Unreachable } from '../../../api/post';
import { isRefused, type Shown } from './door';
import { type Entry, isWaiting, type Visit } from './entry';
import type { Scene } from './state';
import type { KnownTerminal } from './store';

/** What follows on who comes. */
interface Then {
  begun: () => void;
  unpaired: () => Promise<void>;
  tick: () => Promise<void>;
}

export class Visits {
  /** Until when nobody is let in under this name: too much was guessed at it. */
  readonly waits = new Map<string, number>();

  constructor(
    private readonly scene: Scene,
    private readonly then: Then,
  ) {}

  /** What was shown to come in is kept as long as it is needed. */
  async forget({ id }: Visit): Promise<void> {
    if (this.scene.state.visit?.id === id || this.scene.state.entries.some((entry) => isWaiting(entry) && entry.visit.id === id)) return;
    await this.scene.around.seals.forget(id);
    await this.#leaveSession(id);
  }

  async #leaveSession(id: string): Promise<void> {
    const { store, door } = this.scene.around;
    if ((await store.get('session')) !== id) return;
    await store.forget('session');
    await door.leave().catch((error: unknown) => {
      // It ends by itself a little later.
      if (!(error instanceof Unreachable || error instanceof Refusal)) throw error;
    });
  }

  /** Somebody shows their PIN. Without network they are taken at their word until it can be looked at. */
  async enterByPin({ id, code, name }: KnownTerminal['operators'][number], pin: string): Promise<void> {
    const visit = { id: this.scene.around.newId(), operatorId: id, code, name: name ?? code, isConfirmed: false };
    await this.#enter({ operatorId: id, pin }, visit);
  }

  async enterByBadge(badge: string): Promise<void> {
    const { seals } = this.scene.around;
    const operatorId = await seals.ownerOf(badge);
    const known = this.scene.state.known?.operators.find(({ id }) => id === operatorId);
    const visit = known && {
      id: this.scene.around.newId(),
      operatorId: known.id,
      code: known.code,
      name: known.name ?? known.code,
      isConfirmed: false,
    };
    try {
      const operator = await this.#enter({ badge }, visit);
      await seals.isOwner(badge, operator);
    } catch (error) {
      if (isRefused(error, 'PIN_REFUSED')) await seals.isOwner(badge, undefined);
      throw error;
    }
  }

  async #enter(shown: Shown, known: Visit | undefined): Promise<string> {
    const { clock, door, store, newId, exclusive } = this.scene.around;
    try {
      const visit = await exclusive(async (): Promise<Visit> => {
        const asked = clock.life;
        const { operatorId, code, name, now } = await door.enter(shown);
        clock.heard(Date.parse(now), asked);
        const id = known?.id ?? newId();
        await store.set('session', id);
        return { id, operatorId, code, name, isConfirmed: true };
      });
      await this.#begin(visit, shown, 'online');
      return visit.operatorId;
    } catch (error) {
      if (isRefused(error, 'TERMINAL_REFUSED')) await this.then.unpaired();
      if (!(error instanceof Unreachable) || known === undefined) throw error;
      await this.#begin(known, shown, 'offline');
      return known.operatorId;
    }
  }

  async #begin(visit: Visit, shown: Shown, link: 'online' | 'offline'): Promise<void> {
    const { clock, store, seals } = this.scene.around;
    const before = this.scene.state.visit;
    this.then.begun();
    await seals.keep(visit.id, shown, clock.now());
    const work = await store.get(`work:${visit.operatorId}`);
    this.scene.set({ visit, work, link, sent: [], wasOut: undefined });
    if (before !== undefined) await this.forget(before);
    if (visit.isConfirmed) {
      this.waits.delete(visit.operatorId);
      await this.#take(visit, (entry) => entry.held === 'gone' && entry.visit.isConfirmed);
    }
    void this.then.tick();
  }

  /** What was done under their name and could not be sent goes on as theirs. */
  async #take(visit: Visit, which: (entry: Entry) => boolean): Promise<void> {
    for (const entry of this.scene.state.entries) {
      if (!isWaiting(entry) || entry.visit.operatorId !== visit.operatorId || entry.held === undefined || !which(entry)) continue;
      await this.scene.around.store.put({ ...entry, visit, held: undefined, faults: undefined });
    }
    await this.scene.changed();
  }

  /** They say that what waited for them is theirs, or is to be tried again. */
  async claim(which: readonly Entry[]): Promise<void> {
    const { visit } = this.scene.state;
    if (visit?.isConfirmed) await this.#take(visit, ({ seq }) => which.some((one) => one.seq === seq));
    void this.then.tick();
  }

  /** They have seen that it was not done, or it was not theirs. */
  async drop(entries: readonly Entry[]): Promise<void> {
    for (const { seq } of entries) await this.scene.around.store.remove(seq);
    await this.scene.changed();
    for (const { visit } of entries) await this.scene.around.exclusive(() => this.forget(visit));
  }

  async leave(): Promise<void> {
    const { visit } = this.scene.state;
    if (visit === undefined) return;
    this.scene.set({ visit: undefined, work: undefined, sent: [] });
    await this.scene.around.exclusive(() => this.forget(visit));
  }
}
