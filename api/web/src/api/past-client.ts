// What the server has said of earlier moments. The screens ask as ever; this client says as of when, and keeps the answers of each
// moment apart. While the next moment is on its way, the one before stays on the screen.
import { hashKey, QueryCache, QueryClient, skipToken } from '@tanstack/react-query';
import { hold } from './allowance';
import { asOfVariables, type Moment, markAsOf } from './as-of';
import { Refusal, Unreachable } from './post';

/** What is tried again by itself: a long history is still being read, or more was asked than is allowed in a minute. */
const LIMITED = 'RATE_LIMITED';
const WAITS = ['AS_OF_NOT_READY', LIMITED];
const WAIT_MS = 1_500;
const LONGEST_WAIT_MS = 60_000;
const KEPT_MS = 120_000;

export const isWaiting = (error: Error | null): boolean => error instanceof Refusal && WAITS.includes(error.code);

/** After how long it is asked again. Who waits for the next minute says so. */
export function waitMs(error: Error): number {
  if (!(error instanceof Refusal) || error.code !== LIMITED) return WAIT_MS;
  const wait = Math.min(LONGEST_WAIT_MS, Math.max(WAIT_MS, (error.waitSeconds ?? 0) * 1_000));
  hold(Date.now() + wait);
  return wait;
}

const cache = new QueryCache();

const defaultOptions = {
  queries: {
    gcTime: KEPT_MS,
    retry: (tried: number, error: Error) => (isWaiting(error) ? tried < 60 : error instanceof Unreachable && tried < 5),
    retryDelay: (tried: number, error: Error) => (isWaiting(error) ? waitMs(error) : Math.min(500 * 2 ** tried, 8_000)),
    networkMode: 'always' as const,
  },
};

/** The same question, asked as of a moment: what it is given and gives stays as it is. */
const marked = <Asked extends (context: never) => unknown>(asked: Asked, moment: Moment): Asked =>
  new Proxy(asked, {
    apply: (target, self, given: [{ signal: AbortSignal }]) => {
      markAsOf(given[0].signal, moment);
      return Reflect.apply(target, self, given);
    },
  });

type Defaulted = QueryClient['defaultQueryOptions'];

/** A client of one moment; all of them share one cache. */
export function pastClient(moment: Moment): QueryClient {
  const client = new QueryClient({ queryCache: cache, defaultOptions });
  const defaulted: Defaulted = client.defaultQueryOptions.bind(client);
  const asOf = hashKey([asOfVariables(moment)]);
  const past: Defaulted = (given) => {
    if (given._defaulted) return defaulted(given);
    const { queryFn, queryKey } = given;
    return defaulted({
      ...given,
      queryKeyHashFn: (key) => asOf + hashKey(key),
      placeholderData: (before, query) => (query && hashKey(query.queryKey) === hashKey(queryKey) ? before : undefined),
      // What was, stays as it was.
      staleTime: Number.POSITIVE_INFINITY,
      refetchInterval: false,
      refetchOnMount: true,
      ...(queryFn !== undefined && queryFn !== skipToken && { queryFn: marked(queryFn, moment) }),
    });
  };
  client.defaultQueryOptions = past;
  return client;
}
