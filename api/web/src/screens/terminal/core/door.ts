// What the server answers a terminal: who works here, who is in, and what is asked in their name.
import { isAnswer, post, Refusal, refusalOf } from '../../../api/post';
import type { Document } from '../../../api/query';
import { signedIn } from '../../../api/who';
import type { KnownTerminal } from './store';

/** What somebody shows to come in. */
export type Shown = { operatorId: string; pin: string } | { badge: string };

export interface Seen extends Omit<KnownTerminal, 'at'> {
  now: string;
}

export interface Entered {
  operatorId: string;
  code: string;
  name: string;
  now: string;
}

/** A tablet that waits longer than this has no network that is of use. */
const PATIENCE_MS = 12_000;

export interface Door {
  see(): Promise<Seen>;
  pair(code: string): Promise<void>;
  enter(shown: Shown): Promise<Entered>;
  leave(): Promise<void>;
  ask<Data, Variables>(document: Document<Data, Variables>, variables: Variables): Promise<Data>;
}

async function at(path: string, body: object): Promise<unknown> {
  const { response, said } = await post(`/auth/terminal/${path}`, body, AbortSignal.timeout(PATIENCE_MS));
  if (!response.ok) throw refusalOf(response, said);
  return said;
}

export const theDoor: Door = {
  see: async () => (await at('see', {})) as Seen,
  pair: async (code) => {
    await at('pair', { code });
  },
  enter: async (shown) => {
    const entered = (await at('enter', shown)) as Entered;
    // In the other tabs of this browser it is they who are in from now on.
    signedIn();
    return entered;
  },
  leave: async () => {
    await at('leave', {});
  },
  ask: async <Data, Variables>(document: Document<Data, Variables>, variables: Variables) => {
    const body = { query: document.toString(), variables };
    const { response, said } = await post('/graphql', body, AbortSignal.timeout(PATIENCE_MS));
    if (!response.ok || !isAnswer(said) || said.errors?.length || said.data == null) throw refusalOf(response, said);
    return said.data as Data;
  },
};

export const isRefused = (error: unknown, ...codes: string[]): error is Refusal => error instanceof Refusal && codes.includes(error.code);
