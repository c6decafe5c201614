// Questions and commands by POST /graphql. Who is in is told by cookies; an access token that has ended is renewed on the way, once for
// all who wait for it. Whatever does not go well is one of two: a refusal, which says why, or nobody was reached. What a screen of an
// earlier moment asks is asked as of that moment: its client has marked the signal.
import { asOfSignal, asOfText, asOfVariables, type Moment } from './as-of';
import { isAnswer, post, Refusal, refusalOf, UNAUTHENTICATED } from './post';
import { asOwn, comeBack } from './who';

/** A document with the types of its answer and of what it takes: made by `npm run codegen`. */
export interface Document<Data, Variables> {
  toString(): string;
  __apiType?: (variables: Variables) => Data;
}

/** What is said beside the data. */
interface Extensions {
  asOf?: { position: string; instant: string | null };
}

interface Said<Data> {
  data: Data;
  extensions?: Extensions;
}

async function once<Data>(body: object, signal?: AbortSignal): Promise<Said<Data>> {
  const { response, said } = await post('/graphql', body, signal);
  if (!response.ok || !isAnswer(said) || said.errors?.length || said.data == null) throw refusalOf(response, said);
  return said as Said<Data>;
}

/** Asks as who is in now; where nobody is, that is the answer. */
export async function askOnce<Data, Variables>(document: Document<Data, Variables>, variables: Variables): Promise<Data> {
  return (await once<Data>({ query: document.toString(), variables })).data;
}

/** Asks; signs in anew on the way where that is what is in the way. */
async function patiently<Data>(body: object, signal?: AbortSignal): Promise<Said<Data>> {
  for (;;) {
    await asOwn();
    const asked = Date.now();
    try {
      return await once<Data>(body, signal);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== UNAUTHENTICATED) throw error;
    }
    await comeBack(asked);
  }
}

const bodyOf = (document: object, variables: unknown, moment: Moment | undefined) =>
  moment === undefined
    ? { query: document.toString(), variables }
    : { query: asOfText(document.toString()), variables: { ...(variables as object), ...asOfVariables(moment) } };

export async function ask<Data, Variables>(document: Document<Data, Variables>, variables: Variables, signal?: AbortSignal): Promise<Data> {
  return (await patiently<Data>(bodyOf(document, variables, asOfSignal(signal)), signal)).data;
}

/** Where a moment lies: its position, and its instant, which is null before the first event. */
export async function askMoment(
  document: Document<object, Record<string, never>>,
  moment: Moment,
  signal?: AbortSignal,
): Promise<{ position: string; instant: string | null }> {
  const { extensions } = await patiently<object>(bodyOf(document, {}, moment), signal);
  return extensions?.asOf ?? { position: '0', instant: null };
}

export { INTERNAL, passes, Refusal, UNAUTHENTICATED, Unreachable } from './post';
