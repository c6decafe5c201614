// The terminal: who is at it, what they have to do, what was done and is still to be sent. It goes on without network; screens follow its
// state. Whatever is asked in somebody's name goes through one lock of this browser, for the cookie of the session is one for all its tabs.
import { Refusal, Unreachable } from '../../../api/post';
import type { Job } from './data';
import { isRefused, type Seen } from './door';
import { type Deed, isWaiting, type Visit } from './entry';
import { type Scanned, scan } from './scanned';
import { type Outcome, sendAll } from './sender';
import { type Around, Scene, type State } from './state';
import type { KnownTerminal } from './store';
import { Telling } from './telling';
import { tidy, wipe } from './tidy';
import { Turns } from './turns';
import { Visits } from './visits';

const [OFTEN_MS, SOON_MS, SELDOM_MS] = [15_000, 2_000, 30_000];

export class Terminal {
  readonly #scene: Scene;
  readonly #turns = new Turns(() => this.#pass());
  readonly #telling: Telling;
  readonly #visits: Visits;
  #failures = 0;

  readonly subscribe: Scene['subscribe'];
  /** Asks the server what is new, sends what waits. One at a time; who asks meanwhile has it done once more. */
  readonly tick = this.#turns.take;

  constructor(private readonly around: Around) {
    this.#scene = new Scene(around);
    this.subscribe = this.#scene.subscribe;
    this.#telling = new Telling(this.#scene);
    const then = { begun: () => this.#telling.begin(), unpaired: () => this.#unpaired(), tick: this.tick };
    this.#visits = new Visits(this.#scene, then);
  }

  get state(): State {
    return this.#scene.state;
  }

  /** From what was kept; then the server is asked. */
  async start(visit?: Visit): Promise<void> {
    const { store } = this.around;
    this.#telling.begin();
    const known = await store.get('terminal');
    const work = visit && (await store.get(`work:${visit.operatorId}`));
    this.#scene.set({ entries: await store.entries(), ...(known && { status: 'paired', known, visit, work }) });
    await tidy(this.around, { known, visit, entries: this.#scene.state.entries });
    await this.tick();
    if (this.#scene.state.status === 'starting') this.#scene.set({ status: 'unpaired' });
  }

  /** The server's time, for what is shown. */
  readonly now = (): number => this.around.clock.now();

  /** Another tab has done something: what it has sent is to be seen here too. */
  readonly changedElsewhere = async (): Promise<void> => {
    const before = this.#scene.state.entries.filter(isWaiting).length;
    await this.#scene.reload();
    if (this.#scene.state.entries.filter(isWaiting).length < before) await this.tick();
  };

  stop(): void {
    this.#turns.stop();
  }

  async #pass(): Promise<void> {
    let wait = OFTEN_MS;
    try {
      await this.#see();
      const outcome = await this.#send();
      if (outcome.is === 'unpaired') await this.#unpaired();
      if (outcome.is === 'unreachable') throw new Unreachable('Kilter was not reached');
      if (outcome.is === 'later') wait = Math.min(outcome.seconds * 1_000, 2 * SELDOM_MS);
      await this.#telling.look();
      this.#failures = 0;
    } catch (error) {
      if (isRefused(error, 'TERMINAL_REFUSED')) await this.#unpaired();
      else if (error instanceof Unreachable) this.#scene.set({ link: 'offline' });
      else if (!(error instanceof Refusal)) throw error;
      wait = Math.min(SOON_MS * 2 ** this.#failures, SELDOM_MS);
      if (error instanceof Refusal && error.waitSeconds !== undefined) wait = Math.min(error.waitSeconds * 1_000, 2 * SELDOM_MS);
      this.#failures += 1;
    } finally {
      // A tablet that is nobody's asks no more: whoever pairs it does.
      if (this.#scene.state.status === 'paired' || this.#scene.state.link === 'offline') this.#turns.next(wait);
    }
  }

  async #see(): Promise<void> {
    const { clock, door, store } = this.around;
    const asked = clock.life;
    const seen: Seen = await door.see();
    if (clock.heard(Date.parse(seen.now), asked)) await store.set('offset', clock.offset);
    const known: KnownTerminal = { id: seen.id, name: seen.name, company: seen.company, operators: seen.operators, at: clock.now() };
    await store.set('terminal', known);
    this.#scene.set({ status: 'paired', known, wasNamed: undefined, link: 'online', offset: clock.offset });
  }

  #send(): Promise<Outcome> {
    if (!this.#scene.state.entries.some(isWaiting)) return Promise.resolve({ is: 'sent' });
    return this.around.exclusive(() =>
      sendAll(this.around, {
        life: this.around.life,
        waits: this.#visits.waits,
        told: async (sent) => {
          if (sent !== undefined) await this.#telling.wasSent(sent.entry, sent.position);
          await this.#scene.changed();
          if (sent !== undefined) await this.#visits.forget(sent.entry.visit);
        },
      }),
    );
  }

  /** Everything that is scanned goes through here: see there. */
  readonly scan = (text: string, own?: readonly string[]): Promise<Scanned> => scan(text, { ...this.around, terminal: this }, own);

  /** A job by its number, as somebody types it. */
  readonly job = (number: string): Promise<Job | undefined> => this.#telling.job(number);

  /** Somebody shows their PIN. */
  readonly enterByPin: Visits['enterByPin'] = (colleague, pin) => this.#visits.enterByPin(colleague, pin);

  /** Somebody shows their badge; what is only thought to be one goes through `scan`. */
  readonly enterByBadge: Visits['enterByBadge'] = (badge) => this.#visits.enterByBadge(badge);

  readonly claim: Visits['claim'] = (which) => this.#visits.claim(which);

  readonly drop: Visits['drop'] = (entries) => this.#visits.drop(entries);

  readonly leave: Visits['leave'] = () => this.#visits.leave();

  async pair(code: string): Promise<void> {
    await this.around.door.pair(code);
    await this.tick();
  }

  /** Nobody's tablet any more: what could let somebody in goes, what was done stays until it can be sent. */
  async #unpaired(): Promise<void> {
    const wasNamed = this.#scene.state.known?.name ?? this.#scene.state.wasNamed;
    await wipe(this.around);
    this.#scene.set({ status: 'unpaired', wasNamed, known: undefined, visit: undefined, work: undefined, sent: [], link: 'online' });
  }

  /** It is kept before this answers; then it is sent. */
  async do(deed: Deed): Promise<void> {
    const { clock, life, newId, store } = this.around;
    const { visit } = this.#scene.state;
    if (visit === undefined) return;
    const company = this.#scene.state.known?.company ?? undefined;
    const entry = { commandId: newId(), visit, company, deed, at: clock.now(), tablet: clock.tablet, life, isMeasured: clock.isMeasured };
    await store.add(entry);
    await this.#scene.changed();
    void this.tick();
  }
}
