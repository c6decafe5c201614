// What GraphiQL asks goes the way of everything else: cookies tell who asks, a token that has ended is renewed on the way, a subscription
// that loses its socket goes on. Answers are given as they came, errors with them.
import type { Fetcher, FetcherParams, Observable } from '@graphiql/toolkit';
import { GraphQLError, getOperationAST, type OperationDefinitionNode, parse } from 'graphql';
import { type Client, createClient, type ExecutionResult } from 'graphql-ws';
import { SessionDocument } from '../../api/generated/api';
import { cursorOf, waitOf } from '../../api/live';
import { isAnswer, post, refusalOf, UNAUTHENTICATED } from '../../api/post';
import { ask } from '../../api/query';
import { asOwn, comeBack, doubt } from '../../api/who';

/** So often in a row a socket is made anew without a message on it; then it is said why. */
const MOST_FAILURES = 4;
const PING_MS = 10_000;

interface Observer {
  next: (result: ExecutionResult) => void;
  error: (error: unknown) => void;
  complete: () => void;
}

/** The operation that is meant, or nothing where the document cannot be read: Kilter says why. */
export function operationOf({ query, operationName }: FetcherParams): OperationDefinitionNode | undefined {
  try {
    return getOperationAST(parse(query), operationName ?? undefined) ?? undefined;
  } catch (error) {
    if (error instanceof GraphQLError) return undefined;
    throw error;
  }
}

async function answered(params: FetcherParams): Promise<ExecutionResult> {
  for (;;) {
    await asOwn();
    const asked = Date.now();
    const { response, said } = await post('/graphql', params);
    if (!isAnswer(said)) throw refusalOf(response, said);
    if (said.errors?.[0]?.extensions?.code !== UNAUTHENTICATED) return said as ExecutionResult;
    await comeBack(asked);
  }
}

let client: Client | undefined;

/** A socket of its own: what is tried out here does not hold up what the app follows. */
function socket(): Client {
  client ??= createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazyCloseTimeout: 3_000,
    keepAlive: PING_MS,
    retryAttempts: 0,
  });
  return client;
}

/** One stay on the socket; why it ended, or nothing where the server says that there is no more. */
function stay(params: FetcherParams, next: (result: ExecutionResult) => void, stop: AbortSignal): Promise<unknown> {
  return new Promise((over) => {
    const leave = socket().subscribe(params, { next, error: over, complete: () => over(undefined) });
    stop.addEventListener('abort', leave, { once: true });
  });
}

async function follow(params: FetcherParams, observer: Observer, stop: AbortSignal): Promise<void> {
  // Who declares it means to come back by it.
  const comesBack = operationOf(params)?.variableDefinitions?.some(({ variable }) => variable.name.value === 'after') ?? false;
  let { variables } = params;
  for (let failures = 0; !stop.aborted; ) {
    const hear = (result: ExecutionResult) => {
      if (stop.aborted) return;
      failures = 0;
      const cursor = result.data == null ? undefined : cursorOf(result.data);
      if (comesBack && cursor !== undefined) variables = { ...variables, after: cursor };
      observer.next(result);
    };
    const why = await stay({ ...params, variables }, hear, stop);
    if (stop.aborted) return;
    if (why === undefined) return observer.complete();
    // Refused by Kilter: that is the answer.
    if (Array.isArray(why)) {
      observer.next({ errors: why });
      return observer.complete();
    }
    failures += 1;
    if (failures > MOST_FAILURES) throw new Error('Kilter was not reached by WebSocket');
    // The socket is gone, most often with its token: a question renews it on its way.
    doubt();
    await ask(SessionDocument, {}, stop);
    if (failures > 1) await new Promise((over) => setTimeout(over, waitOf(failures)));
  }
}

function followed(params: FetcherParams): Observable<ExecutionResult> {
  const subscribe = (observer: Observer) => {
    const stop = new AbortController();
    follow(params, observer, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) observer.error(error);
    });
    return { unsubscribe: () => stop.abort() };
  };
  return { subscribe } as Observable<ExecutionResult>;
}

export const fetcher: Fetcher = (params) => (operationOf(params)?.operation === 'subscription' ? followed(params) : answered(params));
