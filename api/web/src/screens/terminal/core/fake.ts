// A server for tests, as strict as the real one: sessions, PINs, command ids; it can be out of reach, also after it has done something.
import { Refusal, Unreachable } from '../../../api/post';
import type { Document } from '../../../api/query';
import { Clock } from './clock';
import type { Job, Machine } from './data';
import type { Door, Entered, Seen, Shown } from './door';
import type { Deed, Entry, Visit } from './entry';
import { Seals } from './seal';
import type { Sending, Tools } from './sender';
import type { Store } from './store';
import { InMemory } from './store';

interface Input {
  commandId: string;
  operatorId?: string;
  happenedAt: string;
  jobId?: string;
  machineId?: string;
}

interface Done extends Input {
  callId?: string;
  command: string;
  by: string;
}

export const NOON = Date.parse('2026-11-23T12:00:00Z');

export class FakeServer implements Door {
  now = NOON;
  isOffline = false;
  isPaired = true;
  /** So many answers get lost on their way back. */
  losesAnswers = 0;
  pins: Record<string, string> = { otto: '1379', ben: '2468' };
  badges: Record<string, string> = { 'B-4711': 'otto' };
  session: string | undefined;
  /** What is refused: by job. */
  refuses: Record<string, string> = {};
  /** Every code that is answered instead of doing anything, once each. */
  fails: string[] = [];
  /** What it fails at, again and again: by job. */
  failsAt: Record<string, string> = {};
  /** Names that too much was guessed at. */
  locks: string[] = [];
  readonly done: Done[] = [];
  readonly asked: string[] = [];
  /** What was asked for as the number of a job, and what was shown as a badge. */
  readonly numbers: string[] = [];
  readonly shown: string[] = [];
  /** Jobs by their numbers. */
  jobs: Record<string, Job> = {};
  /** What everybody has to do: numbers of jobs. */
  queue: string[] = [];
  machines: Machine[] = [];

  #reach(what: string): void {
    if (this.isOffline) throw new Unreachable('offline');
    this.asked.push(what);
    if (!this.isPaired) throw new Refusal(what === 'graphql' ? 'UNAUTHENTICATED' : 'TERMINAL_REFUSED', 'not paired');
  }

  async see(): Promise<Seen> {
    this.#reach('see');
    const operators = Object.keys(this.pins).map((id) => ({ id, code: id, name: null }));
    return { id: 't', name: 'Mill 3', company: 'Kuusk', operators, now: new Date(this.now).toISOString() };
  }

  async pair(): Promise<void> {
    this.isPaired = true;
    this.#reach('pair');
  }

  async enter(shown: Shown): Promise<Entered> {
    this.#reach('enter');
    if ('badge' in shown) this.shown.push(shown.badge);
    if ('pin' in shown && this.locks.includes(shown.operatorId)) throw new Refusal('SIGN_IN_WAITS', 'wait', null, undefined, 30);
    const operatorId =
      'badge' in shown ? this.badges[shown.badge] : this.pins[shown.operatorId] === shown.pin ? shown.operatorId : undefined;
    if (operatorId === undefined) throw new Refusal('PIN_REFUSED', 'wrong');
    this.session = operatorId;
    return { operatorId, code: operatorId, name: operatorId, now: new Date(this.now).toISOString() };
  }

  async leave(): Promise<void> {
    this.#reach('leave');
    this.session = undefined;
  }

  async ask<Data, Variables>(document: Document<Data, Variables>, variables: Variables): Promise<Data> {
    this.#reach('graphql');
    if (this.session === undefined) throw new Refusal('UNAUTHENTICATED', 'nobody');
    const text = document.toString();
    if (text.includes('TerminalWho')) return { viewer: { actorId: this.session } } as Data;
    if (text.includes('TerminalWork')) {
      const row = { operation: 10, machine: null, start: null, end: null, running: false, waitsFor: [] };
      const readyToRun = this.queue.map((code) => ({ ...row, job: { id: `id of ${code}`, code } }));
      return {
        company: { name: 'Kuusk', zone: 'Europe/Tallinn' },
        readyToRun,
        machines: { edges: this.machines.map((node) => ({ node })) },
      } as Data;
    }
    if (text.includes('TerminalJob(')) {
      const { id, number } = variables as { id?: string; number?: string };
      if (number !== undefined) this.numbers.push(number);
      const job = Object.values(this.jobs).find((one) => one.id === id || one.number === number);
      return { job: job ?? null } as Data;
    }
    const { input } = variables as { input: Input };
    const command = /(\w+)\(input/.exec(text)?.[1] ?? '';
    const userErrors = this.#do(command, input);
    if (this.losesAnswers > 0) {
      this.losesAnswers -= 1;
      throw new Unreachable('the answer was lost');
    }
    return { [command]: { position: String(this.done.length), userErrors } } as Data;
  }

  #do(command: string, input: Input): { code: string; message: string }[] {
    const fails = this.fails.shift() ?? this.failsAt[input.jobId ?? ''];
    if (fails !== undefined) throw new Refusal(fails, fails.toLowerCase());
    if (input.operatorId !== undefined && input.operatorId !== this.session) throw new Refusal('NOT_FOUND', 'not yours');
    const before = this.done.find(({ commandId }) => commandId === input.commandId);
    if (before !== undefined && before.happenedAt !== input.happenedAt) return [{ code: 'COMMAND_ID_REUSED', message: 'another' }];
    if (before !== undefined) return [];
    const code = this.refuses[input.jobId ?? ''];
    if (code !== undefined) return [{ code, message: `no: ${code}` }];
    if (Date.parse(input.happenedAt) > this.now + 300_000) return [{ code: 'HAPPENED_IN_FUTURE', message: 'future' }];
    this.done.push({ ...input, command, by: this.session ?? '' });
    return [];
  }
}

export const sendingOf = (life: string): Sending => ({ life, waits: new Map(), told: async () => undefined });

export const LIFE = 'this life';

/** A visit that was let in, or was not yet. */
export const visitOf = (operatorId: string, id = `visit of ${operatorId}`, isConfirmed = true): Visit => ({
  id,
  operatorId,
  code: operatorId,
  name: operatorId,
  isConfirmed,
});

let commands = 0;

export function bench(store: Store = new InMemory()) {
  const server = new FakeServer();
  /** How far the tablet's clock is off, and how long it has been on. */
  const tablet = { off: 0, on: 0 };
  const clock = new Clock(
    0,
    () => server.now + tablet.off,
    () => tablet.on,
  );
  const seals = new Seals(store);
  const tools: Tools = { store, door: server, seals, clock };
  /** Time passes, for everybody. */
  const pass = (ms: number) => {
    server.now += ms;
    tablet.on += ms;
  };
  const did = async (visit: Visit, deed: Deed): Promise<Entry> => {
    commands += 1;
    return store.add({
      commandId: `command ${commands}`,
      visit,
      deed,
      at: clock.now(),
      tablet: clock.tablet,
      life: LIFE,
      isMeasured: clock.isMeasured,
    });
  };
  const comes = (visit: Visit, pin: string) => seals.keep(visit.id, { operatorId: visit.operatorId, pin }, clock.now());
  return { server, tablet, clock, seals, store, tools, pass, did, comes };
}

export const jobOf = (number: string): Job => ({
  id: `id of ${number}`,
  number,
  product: 'Spindle',
  quantity: '40',
  unit: 'pcs',
  due: null,
  late: false,
  status: 'SCHEDULED',
  reason: null,
  notes: null,
  operations: [],
});

export const start = (job: string): Deed => ({ kind: 'start', jobId: job, job, operation: 10, phase: 'RUN' });
export const finish = (job: string): Deed => ({
  kind: 'finish',
  jobId: job,
  job,
  operation: 10,
  good: '38',
  scrap: '2',
  scrapReason: 'size',
});
