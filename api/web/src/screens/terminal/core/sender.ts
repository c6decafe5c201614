// Sends what was done, in its order, each once. What the server refuses stays for whoever did it; what can't be sent in somebody's name
// waits for them, and with it what comes after it on the same thing. Everything else goes on.

import { TerminalWhoDocument } from '../../../api/generated/terminal';
import { Refusal, Unreachable } from '../../../api/post';
import type { Clock } from './clock';
import type { Door } from './door';
import { isRefused } from './door';
import type { Entry, Visit } from './entry';
import { isWaiting, thingOf } from './entry';
import type { Seals } from './seal';
import { send } from './send';
import type { Store, Things } from './store';

/** Only who it is can go on: by their PIN. */
export class NeedsOwner extends Error {
  constructor(readonly why: 'pin' | 'gone') {
    super('this is sent once its owner has come in again');
  }
}

export type Outcome = { is: 'sent' } | { is: 'unreachable' } | { is: 'unpaired' } | { is: 'later'; seconds: number };

/** What the server may answer otherwise a little later: nothing was decided. */
const FOR_NOW = [
  'INTERNAL',
  'UNAUTHENTICATED',
  'UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'TIMEOUT',
  'REQUEST_TIMEOUT',
  'RATE_LIMITED',
  'SIGN_IN_WAITS',
  'NETWORK_REFUSED',
];
/** What is answered for everything by the same token. */
const FOR_ALL = ['RATE_LIMITED', 'NETWORK_REFUSED'];
const SOME_SECONDS = 15;
/** What may be the entry's own fault: where the server fails at it so often, over so long, its owner is asked what is to become of it. */
const OWN_FAULTS = ['INTERNAL', 'TIMEOUT', 'REQUEST_TIMEOUT'];
const [FAULTS, FAULTS_MS] = [10, 900_000];

export interface Tools {
  store: Store;
  door: Door;
  seals: Seals;
  clock: Clock;
}

/** One pass after another of what is sent. */
export interface Sending {
  /** This life of the page. */
  life: string;
  /** Until when nobody is let in under this name: too much was guessed at it. */
  waits: Map<string, number>;
  told: (sent?: { entry: Entry; position?: string | null }) => Promise<void>;
}

/** Lets the owner of a visit in again with what they showed. */
async function enterAgain({ store, door, seals, clock }: Tools, visit: Visit): Promise<void> {
  const shown = await seals.open(visit.id);
  if (shown === undefined) throw new NeedsOwner('gone');
  const asked = clock.life;
  try {
    const entered = await door.enter(shown);
    clock.heard(Date.parse(entered.now), asked);
    if (entered.operatorId !== visit.operatorId) throw new NeedsOwner('pin');
  } catch (error) {
    if (isRefused(error, 'PIN_REFUSED', 'BAD_USER_INPUT')) throw new NeedsOwner('pin');
    throw error;
  }
  await store.set('session', visit.id);
}

/** Asks in the name of a visit; its owner is let in again where their session is over or somebody else's has come in between. */
export async function inNameOf<T>(tools: Tools, visit: Visit, work: () => Promise<T>): Promise<T> {
  if ((await tools.store.get('session')) === visit.id) {
    try {
      return await work();
    } catch (error) {
      if (!isRefused(error, 'UNAUTHENTICATED', 'NOT_FOUND')) throw error;
      if (error.code === 'NOT_FOUND' && (await isIn(tools, visit))) throw error;
    }
  }
  await enterAgain(tools, visit);
  return work();
}

/** Whether the cookies are those of this visit: somebody may have signed in in this browser otherwise. */
async function isIn({ door }: Tools, visit: Visit): Promise<boolean> {
  try {
    return (await door.ask(TerminalWhoDocument, {})).viewer.actorId === visit.operatorId;
  } catch (error) {
    if (isRefused(error, 'UNAUTHENTICATED', 'NOT_FOUND')) return false;
    throw error;
  }
}

/** The time that is told for an entry: fixed at the first try, kept before it. It is never ahead of the server, nor before what came before. */
export function happenedAt(entry: Entry, clock: Clock, life: string, told: Things['told'] | undefined): string {
  const reckoned = entry.isMeasured || entry.life !== life ? entry.at : entry.tablet + clock.offset;
  const past = Math.min(reckoned, clock.now());
  // What waited for its owner was done before things that are sent already.
  return new Date(told === undefined || told.seq > entry.seq ? past : Math.max(past, told.at)).toISOString();
}

/** The entry with the time that is told for it, both kept before it is sent. */
async function dated(entry: Entry, { store, clock }: Tools, life: string): Promise<Entry> {
  const told = await store.get('told');
  const happened = entry.happenedAt ?? happenedAt(entry, clock, life, told);
  const after = entry.happenedAt === undefined ? { ...entry, happenedAt: happened } : entry;
  if (after !== entry) await store.put(after);
  if (told === undefined || told.seq < entry.seq) await store.set('told', { seq: entry.seq, at: Date.parse(happened) });
  return after;
}

/** Has the visit that the session is said to be of proved once, before anything is done in its name. */
async function prove(tools: Tools, visit: Visit): Promise<void> {
  if ((await tools.store.get('session')) === visit.id && (await isIn(tools, visit))) return;
  await enterAgain(tools, visit);
}

interface Held {
  people: Set<string>;
  things: Set<string>;
  /** What the server fails at: what comes after it on the same waits, and nothing else of those who did it. */
  faulty: Set<string>;
}

function hold({ people, things, faulty }: Held, { held, visit, deed }: Entry): void {
  if (held === 'fault') {
    faulty.add(thingOf(deed));
    return;
  }
  people.add(visit.operatorId);
  things.add(thingOf(deed));
}

/** The entry after the server has failed at it once more. */
function failedAt(entry: Entry, now: number): Entry {
  const faults = { count: (entry.faults?.count ?? 0) + 1, since: entry.faults?.since ?? now };
  const isTooOften = faults.count >= FAULTS && now - faults.since >= FAULTS_MS;
  return { ...entry, faults, ...(isTooOften && { held: 'fault' as const }) };
}

/** What is to become of the rest, where one could not be sent. */
async function failed({ store, clock }: Tools, { waits }: Sending, entry: Entry, error: unknown, held: Held): Promise<Outcome | undefined> {
  if (error instanceof Unreachable) return { is: 'unreachable' };
  if (error instanceof NeedsOwner) {
    if (entry.held !== error.why) await store.put({ ...entry, held: error.why });
    hold(held, entry);
    return undefined;
  }
  if (!(error instanceof Refusal)) throw error;
  if (error.code === 'TERMINAL_REFUSED') return { is: 'unpaired' };
  if (FOR_ALL.includes(error.code)) return { is: 'later', seconds: error.waitSeconds ?? SOME_SECONDS };
  if (error.code === 'SIGN_IN_WAITS') waits.set(entry.visit.operatorId, clock.now() + (error.waitSeconds ?? SOME_SECONDS) * 1_000);
  if (FOR_NOW.includes(error.code)) {
    const after = OWN_FAULTS.includes(error.code) ? failedAt(entry, clock.now()) : entry;
    if (after !== entry) await store.put(after);
    hold(held, after);
    return undefined;
  }
  await store.put({ ...entry, held: undefined, refused: { code: error.code, message: error.message } });
  return undefined;
}

/** One pass over all that waits. To be called by one tab at a time. What waits for its owner is not tried: a wrong PIN is shown once. */
export async function sendAll(tools: Tools, sending: Sending): Promise<Outcome> {
  const { life, waits, told } = sending;
  const held: Held = { people: new Set(), things: new Set(), faulty: new Set() };
  let [proved, isLater]: [string | undefined, boolean] = [undefined, false];
  for (const found of (await tools.store.entries()).filter(isWaiting)) {
    const isBehind = held.people.has(found.visit.operatorId) || held.things.has(thingOf(found.deed));
    const isEarly = (waits.get(found.visit.operatorId) ?? 0) > tools.clock.now();
    if (isBehind || isEarly || found.held !== undefined) {
      isLater ||= isEarly;
      hold(held, found);
      continue;
    }
    if (held.faulty.has(thingOf(found.deed))) continue;
    let entry = found;
    try {
      if (proved !== entry.visit.id) await prove(tools, entry.visit);
      proved = entry.visit.id;
      entry = await dated(entry, tools, life);
      const { door } = tools;
      const position = await inNameOf(tools, entry.visit, () => send(door, entry));
      await tools.store.remove(entry.seq);
      await told({ entry, position });
    } catch (error) {
      const outcome = await failed(tools, sending, entry, error, held);
      proved = undefined;
      isLater ||= isRefused(error, ...FOR_NOW);
      if (outcome !== undefined) return outcome;
      await told();
    }
  }
  return isLater ? { is: 'later', seconds: SOME_SECONDS } : { is: 'sent' };
}
