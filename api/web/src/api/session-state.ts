// Who is in, as all tabs of this browser share it. An access token lives five minutes; one tab renews it, the others hear of it.
import { post, Unreachable } from './post';

export type Renewal = 'renewed' | 'ended';

const channel = new BroadcastChannel('kilter-session');
let renewedAt = 0;
let renewing: Promise<Renewal> | undefined;

channel.addEventListener('message', ({ data }) => {
  if (data === 'renewed') renewedAt = Date.now();
});

/** The next access token, unless some tab got one after `refused`. The lock keeps two tabs from using the same refresh token. */
export function renew(refused: number): Promise<Renewal> {
  renewing ??= navigator.locks
    .request('kilter-session', async (): Promise<Renewal> => {
      if (renewedAt > refused) return 'renewed';
      const { response } = await post('/auth/refresh', {});
      if (response.status >= 500) throw new Unreachable('the session could not be renewed');
      if (!response.ok) return 'ended';
      renewedAt = Date.now();
      channel.postMessage('renewed');
      return 'renewed';
    })
    .finally(() => {
      renewing = undefined;
    });
  return renewing;
}

/** The session has ended: whoever sits there signs in. */
export async function ended(): Promise<never> {
  location.assign('/sign-in');
  return new Promise(() => undefined);
}

/** Ends the session; the other tabs leave as well. */
export async function signOut(): Promise<void> {
  await post('/auth/sign-out', {});
  channel.postMessage('signed-out');
  location.assign('/sign-in');
}

channel.addEventListener('message', ({ data }) => {
  if (data === 'signed-out') location.assign('/sign-in');
});
