// Whose page this is. Tabs share their cookies: where somebody else signs in in another one, what is done here would be done under their
// name, and what is told would be of their company. So who is in is asked again whenever it may have changed, before anything else is
// sent; where it is another one, nothing is, and the page says so.
import { useSyncExternalStore } from 'react';
import { WhoDocument, type WhoQuery } from './generated/api';
import { type Answer, isAnswer, post, refusalOf, UNAUTHENTICATED } from './post';
import { ended, entered, renew } from './session-state';

type Person = WhoQuery['viewer'];

const SIGNED_IN = 'signed-in';
const channel = new BroadcastChannel('kilter-session');
const watchers = new Set<() => void>();
let own: Person | undefined;
/** How often it may have changed, and up to which of these it is known. */
let [doubts, known] = [0, 0];
let checking: Promise<void> | undefined;
/** While another one is in: what waits for the one whose page this is. */
let shut: { over: Promise<void>; open: () => void } | undefined;

const isOwn = ({ tenantId, actorId }: Person): boolean => own?.tenantId === tenantId && own.actorId === actorId;

/** Who is in was told: the page is theirs from then on. Tells whether it is; the other tabs look whether theirs still is. */
export function isIn(person: Person): boolean {
  if (own !== undefined && !isOwn(person)) {
    isAnother();
    return false;
  }
  own = { tenantId: person.tenantId, actorId: person.actorId };
  entered();
  channel.postMessage(own);
  return true;
}

/** Before anything is sent: comes back once it is certain that it is sent as the one whose page this is. */
export async function asOwn(): Promise<void> {
  while (own !== undefined && (shut !== undefined || known !== doubts)) await (shut?.over ?? check());
}

/** A token has ended: comes back with the next one, which may be another one's. */
export async function comeBack(asked: number): Promise<void> {
  if ((await renew(asked)) === 'ended') await ended();
  doubt();
}

/** Somebody may have signed in since. */
export function doubt(): void {
  doubts += 1;
}

/** Somebody has signed in on this page. */
export function signedIn(): void {
  doubt();
  channel.postMessage(SIGNED_IN);
}

/** Somebody else is in: from now on nothing is sent from here. */
export function isAnother(): void {
  if (shut !== undefined) return;
  let open = () => {};
  const over = new Promise<void>((resolve) => {
    open = resolve;
  });
  shut = { over, open };
  tell();
}

function check(): Promise<void> {
  checking ??= compare().finally(() => {
    checking = undefined;
  });
  return checking;
}

async function compare(): Promise<void> {
  for (let at: number; ; ) {
    at = doubts;
    const person = await whoIsIn();
    if (at !== doubts) continue;
    known = at;
    if (!isOwn(person)) return isAnother();
    shut?.open();
    shut = undefined;
    return tell();
  }
}

async function whoIsIn(): Promise<Person> {
  for (;;) {
    const asked = Date.now();
    const { response, said } = await post('/graphql', { query: WhoDocument.toString(), variables: {} });
    const person = isAnswer(said) ? (said as Answer<WhoQuery>).data?.viewer : undefined;
    if (person !== undefined) return person;
    const refusal = refusalOf(response, said);
    if (refusal.code !== UNAUTHENTICATED) throw refusal;
    if ((await renew(asked)) === 'ended') await ended();
  }
}

/** It may have changed just now. Where nobody can say, it is asked again before anything is sent. */
function look(): void {
  if (own === undefined) return;
  doubt();
  check().catch(() => undefined);
}

channel.addEventListener('message', ({ data }) => {
  if (data === SIGNED_IN || (typeof data === 'object' && data !== null && !isOwn(data as Person))) look();
});
// Who has been in another window, or at another page that knows nothing of this.
addEventListener('focus', look);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') look();
});

function tell(): void {
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Whether somebody else is in now than whose page this is. */
export function useIsAnother(): boolean {
  return useSyncExternalStore(watch, () => shut !== undefined);
}
