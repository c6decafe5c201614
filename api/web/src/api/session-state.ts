// Who is in, as all tabs of this browser share it. An access token lives five minutes; one tab renews it, the others hear of it. Where a
// session has ended, what was asked waits until its owner has signed in again: nothing that was typed is lost.
import { useSyncExternalStore } from 'react';
import { post, refusalOf, Unreachable } from './post';

export type Renewal = 'renewed' | 'ended';

/** Where `/sign-in` leads back to. It is forgotten with the tab. */
const NEXT = 'kilter-next';

const channel = new BroadcastChannel('kilter-session');
const watchers = new Set<() => void>();
let renewedAt = 0;
let renewing: Promise<Renewal> | undefined;
/** Whether somebody was in since the page was loaded. */
let hasEntered = false;
let waiting: { over: Promise<void>; end: () => void } | undefined;

channel.addEventListener('message', ({ data }) => {
  if (data === 'renewed') renewedAt = Date.now();
  if (data === 'signed-out') {
    forgetTyped();
    leave();
  }
});

/** The next access token, unless some tab got one after `refused`. The lock keeps two tabs from using the same refresh token. */
export function renew(refused: number): Promise<Renewal> {
  renewing ??= navigator.locks
    .request('kilter-session', async (): Promise<Renewal> => {
      if (renewedAt > refused) return 'renewed';
      const { response } = await post('/auth/refresh', {});
      if (response.status >= 500 || response.status === 429) throw new Unreachable('the session could not be renewed');
      if (!response.ok) return 'ended';
      renewed();
      return 'renewed';
    })
    .finally(() => {
      renewing = undefined;
    });
  return renewing;
}

/** There is a good access token. */
export function renewed(): void {
  renewedAt = Date.now();
  channel.postMessage('renewed');
}

/** Somebody is in: from now on the end of the session is an interruption, before it is where one signs in. */
export function entered(): void {
  hasEntered = true;
}

/** The session has ended: comes back once the same person is in again. */
export function ended(): Promise<void> {
  if (!hasEntered) {
    leave();
    return new Promise(() => undefined);
  }
  if (waiting === undefined) {
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    waiting = { over, end };
    tell();
  }
  return waiting.over;
}

/** The same person is in again: what waits goes on. */
export function regained(): void {
  renewed();
  waiting?.end();
  waiting = undefined;
  tell();
}

/** To where one signs in, and back to here from there. */
export function leave(): void {
  sessionStorage.setItem(NEXT, location.pathname + location.search);
  location.assign('/sign-in');
}

/** What was typed and not saved, filtered by and asked is not for who comes next. What is kept on the device was agreed to. */
function forgetTyped(): void {
  for (const key of Object.keys(sessionStorage)) if (/^kilter-(draft|jobs|graphiql)-/.test(key)) sessionStorage.removeItem(key);
}

/** Ends the session; the other tabs leave as well. Where it goes on, that is thrown. */
export async function signOut(): Promise<void> {
  const { response, said } = await post('/auth/sign-out', {});
  // It may have ended before.
  if (!response.ok && response.status !== 401) throw refusalOf(response, said);
  forgetTyped();
  channel.postMessage('signed-out');
  sessionStorage.removeItem(NEXT);
  location.assign('/sign-in');
}

function tell(): void {
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Whether the session has ended under somebody's hands. */
export function useHasEnded(): boolean {
  return useSyncExternalStore(watch, () => waiting !== undefined);
}
