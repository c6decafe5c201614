// Questions and commands by POST /graphql. Who is in is told by cookies; an access token that has ended is renewed on the way, once for
// all who wait for it. Whatever does not go well is one of two: a refusal, which says why, or nobody was reached.
import { isAnswer, post, Refusal, refusalOf, UNAUTHENTICATED } from './post';
import { ended, renew } from './session-state';

/** A document with the types of its answer and of what it takes: made by `npm run codegen`. */
export interface Document<Data, Variables> {
  toString(): string;
  __apiType?: (variables: Variables) => Data;
}

async function once<Data>(body: object, signal?: AbortSignal): Promise<Data> {
  const { response, said } = await post('/graphql', body, signal);
  if (!response.ok || !isAnswer(said) || said.errors?.length || said.data == null) throw refusalOf(response, said);
  return said.data as Data;
}

/** Asks as who is in now; where nobody is, that is the answer. */
export function askOnce<Data, Variables>(document: Document<Data, Variables>, variables: Variables): Promise<Data> {
  return once<Data>({ query: document.toString(), variables });
}

/** Asks; signs in anew on the way where that is what is in the way. */
export async function ask<Data, Variables>(document: Document<Data, Variables>, variables: Variables, signal?: AbortSignal): Promise<Data> {
  const body = { query: document.toString(), variables };
  for (;;) {
    const asked = Date.now();
    try {
      return await once<Data>(body, signal);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== UNAUTHENTICATED) throw error;
    }
    if ((await renew(asked)) === 'ended') await ended();
  }
}

export { INTERNAL, Refusal, UNAUTHENTICATED, Unreachable } from './post';
