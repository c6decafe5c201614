// The terminal: who is at it, what they have to do, what was done and is still to be sent. It goes on without network; screens follow its
// state. Whatever is asked in somebody's name goes through one lock of this browser, for the cookie of the session is one for all its tabs.
import { TerminalJobDocument } from '../../../api/generated/terminal';
import { Refusal, Unreachable } from '../../../api/post';
import { type Job, leftAfter, type Work } from './data';
import type { Seen, Shown } from './door';
import { isRefused } from './door';
import type { Deed, Entry, Visit } from './entry';
import { isWaiting } from './entry';
import { isSameNumber } from './scan';
import { type Scanned, scan } from './scanned';
import { inNameOf, NeedsOwner, type Outcome, sendAll, type Tools } from './sender';
import type { KnownTerminal } from './store';
import { tidy, wipe } from './tidy';
import { tellWork } from './work';

export interface State {
  status: 'starting' | 'unpaired' | 'paired';
  known?: KnownTerminal;
  /** Whether the server was reached when it was asked last. */
  link: 'unknown' | 'online' | 'offline';
  visit?: Visit;
  entries: readonly Entry[];
  /** Sent since the work was told: it is not in there yet. */
  sent: readonly Entry[];
  work?: Work;
  /** Whether what is done outlasts the page. */
  isKept: boolean;
  /** Server less tablet, ms. */
  offset: number;
  /** Whose PIN was not right when it could be looked at at last. */
  wasOut?: string;
}

/** What the terminal needs of the page. */
export interface Around extends Tools {
  /** This life of the page. */
  life: string;
  exclusive: <T>(work: () => Promise<T>) => Promise<T>;
  /** Tells other tabs. */
  tell: () => void;
  newId: () => string;
}

const [OFTEN_MS, SOON_MS, SELDOM_MS] = [15_000, 2_000, 30_000];

export class Terminal {
  #state: State;
  readonly #watchers = new Set<() => void>();
  readonly #dirty = new Set<string>();
  readonly #waits = new Map<string, number>();
  #position: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #failures = 0;
  /** Since when this visit lasts: what is older is told anew. */
  #since = 0;

  constructor(private readonly around: Around) {
    this.#state = { status: 'starting', link: 'unknown', entries: [], sent: [], isKept: around.store.isKept, offset: around.clock.offset };
  }

  get state(): State {
    return this.#state;
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }

  /** From what was kept; then the server is asked. */
  async start(visit?: Visit): Promise<void> {
    const { clock, store } = this.around;
    this.#since = clock.now();
    const known = await store.get('terminal');
    const work = visit && (await store.get(`work:${visit.operatorId}`));
    this.#set({ entries: await store.entries(), ...(known && { status: 'paired', known, visit, work }) });
    await tidy(this.around, { known, visit, entries: this.#state.entries });
    await this.tick();
    if (this.#state.status === 'starting') this.#set({ status: 'unpaired' });
  }

  /** The server's time, for what is shown. */
  readonly now = (): number => this.around.clock.now();

  readonly reload = async (): Promise<void> => this.#set({ entries: await this.around.store.entries() });

  /** Another tab has done something: what it has sent is to be seen here too. */
  readonly changedElsewhere = async (): Promise<void> => {
    const before = this.#state.entries.filter(isWaiting).length;
    await this.reload();
    if (this.#state.entries.filter(isWaiting).length < before) await this.tick();
  };

  /** Asks the server what is new, sends what waits. One at a time; who asks meanwhile has it done once more. */
  readonly tick = (): Promise<void> => {
    if (this.#running === undefined) return this.#begun();
    this.#queued ??= this.#running.then(() => {
      this.#queued = undefined;
      return this.#begun();
    });
    return this.#queued;
  };

  #begun(): Promise<void> {
    clearTimeout(this.#timer);
    const running = this.#pass().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #next(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.tick(), ms);
  }

  async #pass(): Promise<void> {
    let wait = OFTEN_MS;
    try {
      await this.#see();
      const outcome = await this.#send();
      if (outcome.is === 'unpaired') await this.#unpaired();
      if (outcome.is === 'unreachable') throw new Unreachable('Kilter was not reached');
      if (outcome.is === 'later') wait = Math.min(outcome.seconds * 1_000, 2 * SELDOM_MS);
      await this.#look();
      this.#failures = 0;
    } catch (error) {
      if (isRefused(error, 'TERMINAL_REFUSED')) await this.#unpaired();
      else if (error instanceof Unreachable) this.#set({ link: 'offline' });
      else if (!(error instanceof Refusal)) throw error;
      wait = Math.min(SOON_MS * 2 ** this.#failures, SELDOM_MS);
      if (error instanceof Refusal && error.waitSeconds !== undefined) wait = Math.min(error.waitSeconds * 1_000, 2 * SELDOM_MS);
      this.#failures += 1;
    } finally {
      // A tablet that is nobody's asks no more: whoever pairs it does.
      if (this.#state.status === 'paired' || this.#state.link === 'offline') this.#next(wait);
    }
  }

  async #see(): Promise<void> {
    const { clock, door, store } = this.around;
    const asked = clock.life;
    const seen: Seen = await door.see();
    if (clock.heard(Date.parse(seen.now), asked)) await store.set('offset', clock.offset);
    const known: KnownTerminal = { id: seen.id, name: seen.name, company: seen.company, operators: seen.operators, at: clock.now() };
    await store.set('terminal', known);
    this.#set({ status: 'paired', known, link: 'online', offset: clock.offset });
  }

  #send(): Promise<Outcome> {
    if (!this.#state.entries.some(isWaiting)) return Promise.resolve({ is: 'sent' });
    return this.around.exclusive(() =>
      sendAll(this.around, {
        life: this.around.life,
        waits: this.#waits,
        told: async (sent) => {
          if (sent !== undefined) {
            this.#wasSent(sent.entry, sent.position);
            await this.#noteLeft(sent.entry);
          }
          await this.#changed();
          if (sent !== undefined) await this.#forgetVisit(sent.entry.visit);
        },
      }),
    );
  }

  #wasSent(entry: Entry, position: string | null | undefined): void {
    if (entry.deed.kind !== 'machine') this.#dirty.add(entry.deed.jobId);
    if (position != null && (this.#position === undefined || BigInt(position) > BigInt(this.#position))) this.#position = position;
    if (this.#state.visit !== undefined) this.#set({ sent: [...this.#state.sent, entry] });
  }

  /** What somebody has paused is theirs to go on with, also where the plan has it for nobody. */
  async #noteLeft({ deed, visit: { operatorId } }: Entry): Promise<void> {
    const { store } = this.around;
    const work = await store.get(`work:${operatorId}`);
    if (work !== undefined) await store.set(`work:${operatorId}`, { ...work, left: leftAfter(work.left ?? [], deed) });
  }

  async #changed(): Promise<void> {
    await this.reload();
    this.around.tell();
  }

  /** What was shown to come in is kept as long as it is needed. */
  async #forgetVisit({ id }: Visit): Promise<void> {
    if (this.#state.visit?.id === id || this.#state.entries.some((entry) => isWaiting(entry) && entry.visit.id === id)) return;
    await this.around.seals.forget(id);
    await this.#leaveSession(id);
  }

  async #leaveSession(id: string): Promise<void> {
    const { store, door } = this.around;
    if ((await store.get('session')) !== id) return;
    await store.forget('session');
    await door.leave().catch((error: unknown) => {
      // It ends by itself a little later.
      if (!(error instanceof Unreachable || error instanceof Refusal)) throw error;
    });
  }

  /** The work of who is here, in their name; who was let in unseen is let in now, or is not. */
  async #look(): Promise<void> {
    const { visit } = this.#state;
    if (visit === undefined) return;
    try {
      const work = await this.around.exclusive(() => inNameOf(this.around, visit, () => this.#work(visit)));
      await this.around.store.set(`work:${visit.operatorId}`, work);
      if (this.#state.visit?.id !== visit.id) return;
      this.#set({ work, sent: [], visit: { ...visit, isConfirmed: true } });
    } catch (error) {
      if (!(error instanceof NeedsOwner)) throw error;
      if (this.#state.visit?.id === visit.id) this.#set({ visit: undefined, work: undefined, sent: [], wasOut: visit.name });
    }
  }

  async #work({ operatorId }: Visit): Promise<Work> {
    const { clock, door, store } = this.around;
    const { jobs: before = {}, left = [] } = (await store.get(`work:${operatorId}`)) ?? {};
    const isStale = (id: string, at: number) => this.#dirty.has(id) || at < this.#since;
    const wanted = { operatorId, before, isStale, left, also: this.#jobsInHand(), minPosition: this.#position };
    const work = await tellWork({ clock, door }, wanted);
    for (const id of this.#dirty) if (work.jobs[id] !== before[id]) this.#dirty.delete(id);
    return work;
  }

  /** Jobs that something was done on here, whatever the plan has for them. */
  #jobsInHand(): string[] {
    return [...this.#state.entries, ...this.#state.sent].flatMap(({ deed }) => (deed.kind === 'machine' ? [] : [deed.jobId]));
  }

  /** A job by its number, as somebody types or scans it. */
  async job(number: string): Promise<Job | undefined> {
    const { visit, work } = this.#state;
    const known = Object.values(work?.jobs ?? {}).find(({ job }) => isSameNumber(job.number, number));
    if (visit === undefined) return known?.job;
    try {
      const ask = () => this.around.door.ask(TerminalJobDocument, { number });
      const { job } = await this.around.exclusive(() => inNameOf(this.around, visit, ask));
      if (job != null && this.#state.work !== undefined) {
        const jobs = { ...this.#state.work.jobs, [job.id]: { job, at: this.now() } };
        this.#set({ work: { ...this.#state.work, jobs } });
      }
      return job ?? undefined;
    } catch (error) {
      if (known !== undefined && error instanceof Unreachable) return known.job;
      throw error;
    }
  }

  /** Everything that is scanned goes through here: see there. */
  readonly scan = (text: string, own?: readonly string[]): Promise<Scanned> => scan(text, { ...this.around, terminal: this }, own);

  async pair(code: string): Promise<void> {
    await this.around.door.pair(code);
    await this.tick();
  }

  /** Nobody's tablet any more: what could let somebody in goes, what was done stays until it can be sent. */
  async #unpaired(): Promise<void> {
    await wipe(this.around);
    this.#set({ status: 'unpaired', known: undefined, visit: undefined, work: undefined, sent: [], link: 'online' });
  }

  /** Somebody shows their PIN. Without network they are taken at their word until it can be looked at. */
  async enterByPin({ id, code, name }: KnownTerminal['operators'][number], pin: string): Promise<void> {
    const visit = { id: this.around.newId(), operatorId: id, code, name: name ?? code, isConfirmed: false };
    await this.#enter({ operatorId: id, pin }, visit);
  }

  async enterByBadge(badge: string): Promise<void> {
    const { seals } = this.around;
    const operatorId = await seals.ownerOf(badge);
    const known = this.#state.known?.operators.find(({ id }) => id === operatorId);
    const visit = known && {
      id: this.around.newId(),
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
    const { clock, door, store, newId, exclusive } = this.around;
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
      if (isRefused(error, 'TERMINAL_REFUSED')) await this.#unpaired();
      if (!(error instanceof Unreachable) || known === undefined) throw error;
      await this.#begin(known, shown, 'offline');
      return known.operatorId;
    }
  }

  async #begin(visit: Visit, shown: Shown, link: 'online' | 'offline'): Promise<void> {
    const { clock, store, seals } = this.around;
    const before = this.#state.visit;
    this.#since = clock.now();
    await seals.keep(visit.id, shown, clock.now());
    const work = await store.get(`work:${visit.operatorId}`);
    this.#set({ visit, work, link, sent: [], wasOut: undefined });
    if (before !== undefined) await this.#forgetVisit(before);
    if (visit.isConfirmed) {
      this.#waits.delete(visit.operatorId);
      await this.#take(visit, (entry) => entry.held === 'gone' && entry.visit.isConfirmed);
    }
    void this.tick();
  }

  /** What was done under their name and could not be sent goes on as theirs. */
  async #take(visit: Visit, which: (entry: Entry) => boolean): Promise<void> {
    for (const entry of this.#state.entries) {
      if (!isWaiting(entry) || entry.visit.operatorId !== visit.operatorId || entry.held === undefined || !which(entry)) continue;
      await this.around.store.put({ ...entry, visit, held: undefined, faults: undefined });
    }
    await this.#changed();
  }

  /** They say that what waited for them is theirs, or is to be tried again. */
  async claim(which: readonly Entry[]): Promise<void> {
    const { visit } = this.#state;
    if (visit?.isConfirmed) await this.#take(visit, ({ seq }) => which.some((one) => one.seq === seq));
    void this.tick();
  }

  /** They have seen that it was not done, or it was not theirs. */
  async drop(entries: readonly Entry[]): Promise<void> {
    for (const { seq } of entries) await this.around.store.remove(seq);
    await this.#changed();
    for (const { visit } of entries) await this.around.exclusive(() => this.#forgetVisit(visit));
  }

  /** It is kept before this answers; then it is sent. */
  async do(deed: Deed): Promise<void> {
    const { clock, life, newId, store } = this.around;
    const { visit } = this.#state;
    if (visit === undefined) return;
    const company = this.#state.known?.company ?? undefined;
    const entry = { commandId: newId(), visit, company, deed, at: clock.now(), tablet: clock.tablet, life, isMeasured: clock.isMeasured };
    await store.add(entry);
    await this.#changed();
    void this.tick();
  }

  async leave(): Promise<void> {
    const { visit } = this.#state;
    if (visit === undefined) return;
    this.#set({ visit: undefined, work: undefined, sent: [] });
    await this.around.exclusive(() => this.#forgetVisit(visit));
  }
}
