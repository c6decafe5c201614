// Live news over one WebSocket. What is followed goes on after every break where it stopped: each message has a cursor, and after the last
// one nothing is missed or told twice. The client pings every two seconds, so five seconds without a sign of life mean that what is on
// the screen may be old; the socket is then given up and made anew.
import { type Client, createClient } from 'graphql-ws';
import { broken, followed, heard, isOpen, lost } from './freshness';
import { SessionDocument } from './generated/api';
import { ask, type Document, Refusal } from './query';
import { doubt } from './who';

const PING_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
/** So long a ping may go unanswered, and a connection be made. */
const [ANSWER_MS, CONNECTING_MS] = [5_000, 10_000];
/** A stay that lasted so long was a good one: the next wait is short again. */
const LASTED_MS = 2_000;

/** What every subscription tells with each message. */
export interface LiveMessage {
  cursor?: string;
  lagMs?: number;
}

export interface Follower<Data> {
  next: (data: Data) => void;
  /** It will not go on: what was asked for was refused for good. Until it is left, what is on the screen counts as old. */
  failed?: (refusal: Refusal) => void;
  /** History has no place any more from where to go on: a snapshot comes, and what was gathered is void. */
  restarted?: () => void;
}

let client: Client | undefined;
/** Ends the socket where nobody answers on it: a connection that was cut without a word is noticed by the system only after minutes. */
let watchdog: ReturnType<typeof setTimeout> | undefined;

function answerWithin(ms: number): void {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => client?.terminate(), ms);
}

function alive(): void {
  clearTimeout(watchdog);
  heard();
}

function socket(): Client {
  client ??= createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazy: true,
    lazyCloseTimeout: 3_000,
    keepAlive: PING_MS,
    // Who follows comes back by itself, with the cursor of the last message.
    retryAttempts: 0,
    on: {
      connecting: () => answerWithin(CONNECTING_MS),
      ping: (isTheirs) => void (isTheirs || answerWithin(ANSWER_MS)),
      connected: alive,
      message: alive,
      closed: () => {
        clearTimeout(watchdog);
        lost();
      },
    },
  });
  return client;
}

interface GraphqlFailure {
  message: string;
  extensions?: { code?: string; resumeCursor?: string };
}

function isRefused(error: unknown): error is GraphqlFailure[] {
  return Array.isArray(error);
}

interface Stay {
  /** Why it ended, or nothing where the server says that there is no more. */
  why: unknown;
  /** How long it was on a socket that was accepted. */
  lastedMs: number;
}

/** One stay on the socket. Whatever ends it, nothing of it stays behind. */
function stay<Data>(query: string, variables: Record<string, unknown>, next: (data: Data) => void, stop: AbortSignal): Promise<Stay> {
  return new Promise((over) => {
    let through = isOpen() ? Date.now() : undefined;
    const unwatch = socket().on('connected', () => {
      through = Date.now();
    });
    const end = (why?: unknown) => {
      unwatch();
      stop.removeEventListener('abort', stopped);
      leave();
      over({ why, lastedMs: through === undefined ? 0 : Date.now() - through });
    };
    const stopped = () => end();
    const leave = socket().subscribe<Data>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (errors !== undefined) end(errors);
          else if (data != null) next(data);
        },
        error: end,
        complete: () => end(),
      },
    );
    stop.addEventListener('abort', stopped);
  });
}

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((over) => {
    const now = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', now);
      removeEventListener('online', now);
      over();
    };
    const timer = setTimeout(now, ms);
    stop.addEventListener('abort', now);
    addEventListener('online', now);
  });

/** Twice as long each time, and never two tabs at once. */
export const waitOf = (failures: number): number => Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures) * (0.5 + Math.random() / 2);

/** Where a message lies: after it one goes on. */
export const cursorOf = (data: object): string | undefined => (Object.values(data)[0] as LiveMessage | undefined)?.cursor;

/** What is refused for good: asked again it is refused again. Everything else passes: a slow moment, a limit, a server that starts. */
const isForGood = (code: string): boolean =>
  /^(BAD_|GRAPHQL_)/.test(code) || ['NOT_FOUND', 'FORBIDDEN', 'FORBIDDEN_ORIGIN', 'LIMIT_EXCEEDED', 'BATCH_REFUSED'].includes(code);

async function keepFollowing<Data extends object, Variables extends object>(
  document: Document<Data, Variables>,
  variables: Variables & { after?: string },
  follower: Follower<Data>,
  stop: AbortSignal,
): Promise<void> {
  let { after } = variables;
  let mended = () => {};
  const settle = () => mended();
  stop.addEventListener('abort', settle, { once: true });
  for (let failures = 0; !stop.aborted; ) {
    const hear = (data: Data) => {
      if (stop.aborted) return;
      failures = 0;
      mended();
      after = cursorOf(data) ?? after;
      follower.next(data);
    };
    // Who is told nothing is well again as soon as it was not refused for a while.
    const well = setTimeout(settle, LASTED_MS);
    const { why, lastedMs } = await stay<Data>(document.toString(), { ...variables, after }, hear, stop);
    clearTimeout(well);
    if (stop.aborted || why === undefined) return;
    if (isRefused(why)) {
      const { code = 'INTERNAL', resumeCursor } = why[0]?.extensions ?? {};
      if (code === 'BAD_CURSOR' && after !== undefined) {
        after = undefined;
        follower.restarted?.();
        continue;
      }
      mended();
      mended = broken();
      if (isForGood(code)) {
        follower.failed?.(new Refusal(code, why[0]?.message ?? 'refused'));
        return;
      }
      after = resumeCursor ?? after;
      await pause(waitOf(failures), stop);
      failures += 1;
      continue;
    }
    // The socket is gone: with its token, with the server, with the network. A question tells which, and renews the token on its way;
    // before that who is in is looked at: the socket is made anew in their name.
    doubt();
    if (lastedMs >= LASTED_MS) failures = 0;
    if (failures > 0) await pause(waitOf(failures), stop);
    failures += 1;
    await ask(SessionDocument, {}, stop).catch(() => undefined);
  }
}

/** Follows a subscription until the function that it gives is called. */
export function follow<Data extends object, Variables extends object>(
  document: Document<Data, Variables>,
  variables: Variables & { after?: string },
  follower: Follower<Data>,
): () => void {
  const stop = new AbortController();
  stop.signal.addEventListener('abort', followed(), { once: true });
  void keepFollowing(document, variables, follower, stop.signal);
  return () => stop.abort();
}
