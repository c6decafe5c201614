// Live news over one WebSocket. What is followed goes on after every break where it stopped: each message has a cursor, and after the last
// one nothing is missed or told twice. The client pings every two seconds, so five seconds without a sign of life mean that what is on
// the screen may be old.
import { type Client, createClient } from 'graphql-ws';
import { followed, heard, lost } from './freshness';
import { SessionDocument } from './generated/api';
import { ask, type Document, Refusal } from './query';

const PING_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;

/** What every subscription tells with each message. */
export interface LiveMessage {
  cursor?: string;
  lagMs?: number;
}

export interface Follower<Data> {
  next: (data: Data) => void;
  /** It will not go on: what was asked for was refused. */
  failed?: (refusal: Refusal) => void;
  /** History has no place any more from where to go on: a snapshot comes, and what was gathered is void. */
  restarted?: () => void;
}

let client: Client | undefined;

function socket(): Client {
  client ??= createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazy: true,
    lazyCloseTimeout: 3_000,
    keepAlive: PING_MS,
    // Who follows comes back by itself, with the cursor of the last message.
    retryAttempts: 0,
    on: { connected: heard, message: heard, pong: heard, closed: lost },
  });
  return client;
}

/** Ends the socket; who follows comes back at once. After somebody else has signed in, say. */
export function reconnect(): void {
  client?.terminate();
}

interface GraphqlFailure {
  message: string;
  extensions?: { code?: string };
}

function isRefused(error: unknown): error is GraphqlFailure[] {
  return Array.isArray(error);
}

/** One stay on the socket; gives why it ended, or undefined where the server says that there is no more. */
function stay<Data>(query: string, variables: Record<string, unknown>, next: (data: Data) => void, stop: AbortSignal): Promise<unknown> {
  return new Promise((over) => {
    const leave = socket().subscribe<Data>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (errors !== undefined) over(errors);
          else if (data != null) next(data);
        },
        error: over,
        complete: () => over(undefined),
      },
    );
    stop.addEventListener('abort', () => leave(), { once: true });
  });
}

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((over) => {
    const timer = setTimeout(over, ms);
    const now = () => {
      clearTimeout(timer);
      over();
    };
    stop.addEventListener('abort', now, { once: true });
    addEventListener('online', now, { once: true });
  });

/** Twice as long each time, and never two tabs at once. */
export const waitOf = (failures: number): number => Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures) * (0.5 + Math.random() / 2);

const cursorOf = (data: object): string | undefined => (Object.values(data)[0] as LiveMessage | undefined)?.cursor;

async function keepFollowing<Data extends object, Variables extends object>(
  document: Document<Data, Variables>,
  variables: Variables & { after?: string },
  follower: Follower<Data>,
  stop: AbortSignal,
): Promise<void> {
  let { after } = variables;
  for (let failures = 0; !stop.aborted; ) {
    const hear = (data: Data) => {
      if (stop.aborted) return;
      failures = 0;
      after = cursorOf(data) ?? after;
      follower.next(data);
    };
    const why = await stay<Data>(document.toString(), { ...variables, after }, hear, stop);
    if (stop.aborted || why === undefined) return;
    if (isRefused(why)) {
      const code = why[0]?.extensions?.code ?? 'INTERNAL';
      if (code !== 'BAD_CURSOR' || after === undefined) {
        follower.failed?.(new Refusal(code, why[0]?.message ?? 'refused'));
        return;
      }
      after = undefined;
      follower.restarted?.();
      continue;
    }
    // The socket is gone: with its token, with the server, with the network. A question tells which, and renews the token on its way.
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
