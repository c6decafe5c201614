// The terminal of this page: with this browser's clock, store and locks.
import { Clock } from './clock';
import { theDoor } from './door';
import type { Visit } from './entry';
import { Seals } from './seal';
import { openStore } from './store';
import { Terminal } from './terminal';

const NAME = 'kilter-terminal';
/** Who does nothing for so long is not here any more. */
export const IDLE_MS = 120_000;

let chain: Promise<unknown> = Promise.resolve();

/** One at a time in this browser; where it has no locks, in this tab. */
function exclusive<T>(work: () => Promise<T>): Promise<T> {
  if (navigator.locks !== undefined) return navigator.locks.request(NAME, work) as Promise<T>;
  const next = chain.then(work, work);
  chain = next.catch(() => undefined);
  return next;
}

/** Cryptographic where the page is served as it should be; by chance alone where not. */
const newId = (): string =>
  crypto.randomUUID?.() ??
  '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (sign) => {
    const nibble = crypto.getRandomValues(new Uint8Array(1))[0] ?? 0;
    return (Number(sign) ^ (nibble & (15 >> (Number(sign) / 4)))).toString(16);
  });

interface LastHere {
  visit: Visit;
  touched: number;
}

/** Who was here before the page was loaded anew, if that was just now. */
function lastHere(): Visit | undefined {
  try {
    const last = JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as LastHere | null;
    return last !== null && Math.abs(Date.now() - last.touched) < IDLE_MS ? last.visit : undefined;
  } catch {
    return undefined;
  }
}

/** Notes that somebody is here, for a reload. */
export function noteHere(visit: Visit | undefined): void {
  if (visit === undefined) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, JSON.stringify({ visit, touched: Date.now() } satisfies LastHere));
}

async function open(): Promise<Terminal> {
  const store = await openStore();
  const clock = new Clock(await store.get('offset'));
  const channel = new BroadcastChannel(NAME);
  const terminal = new Terminal({
    store,
    clock,
    door: theDoor,
    seals: new Seals(store),
    life: newId(),
    exclusive,
    newId,
    tell: () => channel.postMessage('changed'),
  });
  channel.addEventListener('message', () => void terminal.changedElsewhere());
  addEventListener('online', () => void terminal.tick());
  addEventListener('offline', () => void terminal.tick());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void terminal.tick();
  });
  terminal.subscribe(() => noteHere(terminal.state.visit));
  // What is known is shown at once; the server may take its time.
  void terminal.start(lastHere());
  return terminal;
}

let opened: Promise<Terminal> | undefined;

export function theTerminal(): Promise<Terminal> {
  opened ??= open();
  return opened;
}
