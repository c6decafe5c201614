// What the rest of api/ stands on: JSON by POST, and the two ways in which it may not go well.
import { noteAllowance } from './allowance';
import type { ClashFragment, NamedFragment } from './generated/api-fragments';

/** What a change of the plan gets into the way of, or what has moved meanwhile. */
export interface InTheWay {
  operations: readonly NamedFragment[];
  conflicts: readonly ClashFragment[];
}

/** Kilter has answered, and did not do it. */
export class Refusal extends Error {
  override name = 'Refusal';
  constructor(
    readonly code: string,
    message: string,
    /** The field of the input that it speaks of. */
    readonly field?: string | null,
    /** What people can tell us to look for. */
    readonly requestId?: string,
    /** After how many seconds it may be asked again, where that is all that is the matter. */
    readonly waitSeconds?: number,
    /** What stands in the way, where the plan refused it. */
    readonly inTheWay?: InTheWay,
  ) {
    super(message);
  }
}

/** Nobody has answered. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** Whether it may be otherwise in a moment: nobody was reached, or Kilter has too much to do just now and says to ask again. */
export const passes = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Refusal && error.code === 'UNAVAILABLE');

interface GraphqlError {
  message: string;
  extensions?: { code?: string; field?: string };
}

export interface Answer<Data> {
  data?: Data | null;
  errors?: GraphqlError[];
}

export const UNAUTHENTICATED = 'UNAUTHENTICATED';
export const INTERNAL = 'INTERNAL';

/** Posts JSON; whatever comes back is read as JSON. */
export async function post(path: string, body: unknown, signal?: AbortSignal): Promise<{ response: Response; said: unknown }> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    signal,
  };
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, init);
    noteAllowance(response.headers);
    // It may break off: then nobody knows whether it was done.
    text = await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable('Kilter was not reached');
  }
  // What stands between us and Kilter answers for it when it is not there.
  if (response.status === 502 || response.status === 503 || response.status === 504) throw new Unreachable('Kilter was not reached');
  return { response, said: read(text, response.ok) };
}

/** What was done is told in full: half of it, or the page of a network's sign-in, is no answer of Kilter. */
function read(text: string, isDone: boolean): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    if (isDone) throw new Unreachable('the answer broke off');
    return undefined;
  }
}

/** Reads why something was refused from what was answered. */
export function refusalOf(response: Response, said: unknown): Refusal {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const first = isAnswer(said) ? said.errors?.[0] : undefined;
  if (first === undefined) return new Refusal(INTERNAL, `answered with ${response.status}`, null, requestId);
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  const waitSeconds = Number.isFinite(wait) ? wait : undefined;
  return new Refusal(first.extensions?.code ?? INTERNAL, first.message, first.extensions?.field, requestId, waitSeconds);
}

export function isAnswer(said: unknown): said is Answer<unknown> {
  return typeof said === 'object' && said !== null && ('data' in said || 'errors' in said);
}
