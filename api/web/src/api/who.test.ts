import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const [alice, bob] = [
  { tenantId: 'acme', actorId: 'alice' },
  { tenantId: 'bolts', actorId: 'bob' },
];
const COMMAND = { toString: () => 'mutation { pauseJob }' };
const others = new BroadcastChannel('kilter-session');
const asked: string[] = [];
let cookies: object | undefined = alice;

/** What closes the page. */
const closing: (() => void)[] = [];

class OfPage extends BroadcastChannel {
  constructor(name: string) {
    super(name);
    closing.push(() => this.close());
  }
}

/** The page anew: nobody is in yet. */
async function opened() {
  vi.resetModules();
  vi.stubGlobal('BroadcastChannel', OfPage);
  const listens = vi.spyOn(globalThis, 'addEventListener');
  const who = await import('./who');
  const { ask } = await import('./query');
  for (const [event, listener] of listens.mock.calls) closing.push(() => removeEventListener(event, listener as () => void));
  listens.mockRestore();
  return { ...who, ask };
}

beforeEach(() => {
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    if (cookies === undefined) throw new TypeError('offline');
    const { query }: { query: string } = JSON.parse(body);
    asked.push(query.includes('pauseJob') ? 'command' : 'who');
    return Response.json({ data: { viewer: cookies } });
  });
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
  cookies = alice;
  asked.length = 0;
  vi.unstubAllGlobals();
});

/** Other tabs, and what waits, have their turn. */
const soon = () => new Promise((over) => setTimeout(over, 30));

/** Whether it was done, and what became of it. */
function tried(work: Promise<unknown>) {
  const outcome = { is: 'waits' };
  work.then(
    () => Object.assign(outcome, { is: 'done' }),
    (error: Error) => Object.assign(outcome, { is: error.name }),
  );
  return outcome;
}

it('where somebody else signs in in another tab, nothing is sent under their name', async () => {
  const { isIn, ask } = await opened();
  isIn(alice);
  cookies = bob;
  others.postMessage('signed-in');
  await soon();
  const outcome = tried(ask(COMMAND, {}));
  await soon();
  expect([outcome.is, asked]).toEqual(['waits', ['who']]);
  // She is in again: what waits goes on.
  cookies = alice;
  dispatchEvent(new Event('focus'));
  await soon();
  expect([outcome.is, asked]).toEqual(['done', ['who', 'who', 'command']]);
});

it.each(['of another company', 'of the same company'])('a page that was opened by somebody %s tells the others', async (whose) => {
  const { isIn, ask } = await opened();
  isIn(alice);
  cookies = whose === 'of the same company' ? { ...bob, tenantId: 'acme' } : bob;
  others.postMessage(cookies);
  await soon();
  const outcome = tried(ask(COMMAND, {}));
  await soon();
  expect([outcome.is, asked]).toEqual(['waits', ['who']]);
});

it('who comes back to a page is asked for before anything else is sent', async () => {
  const { isIn, ask } = await opened();
  isIn(alice);
  cookies = bob;
  dispatchEvent(new Event('focus'));
  const outcome = tried(ask(COMMAND, {}));
  await soon();
  expect([outcome.is, asked]).toEqual(['waits', ['who']]);
});

it('the same person goes on, also where another page of theirs was opened', async () => {
  const { isIn, ask } = await opened();
  isIn(alice);
  others.postMessage(alice);
  others.postMessage('renewed');
  await soon();
  expect(asked).toEqual([]);
  others.postMessage('signed-in');
  await soon();
  const outcome = tried(ask(COMMAND, {}));
  await soon();
  expect([outcome.is, asked]).toEqual(['done', ['who', 'command']]);
});

it('where nobody can say who is in, nothing is sent either; asked again it is', async () => {
  const { isIn, ask } = await opened();
  isIn(alice);
  cookies = undefined;
  dispatchEvent(new Event('focus'));
  await soon();
  const outcome = tried(ask(COMMAND, {}));
  await soon();
  expect([outcome.is, asked]).toEqual(['Unreachable', []]);
  cookies = bob;
  const again = tried(ask(COMMAND, {}));
  await soon();
  expect([again.is, asked]).toEqual(['waits', ['who']]);
});

it('whoever is in by the next token is looked at before it is used', async () => {
  const { isIn, ask } = await opened();
  isIn(alice);
  let hasEnded = true;
  vi.stubGlobal('navigator', { locks: { request: (_: string, work: () => unknown) => work() } });
  vi.stubGlobal('fetch', async (path: string, { body }: { body: string }) => {
    if (path === '/auth/refresh') hasEnded = false;
    else asked.push(body.includes('pauseJob') ? 'command' : 'who');
    const refused = { errors: [{ message: 'ended', extensions: { code: 'UNAUTHENTICATED' } }] };
    return hasEnded ? Response.json(refused, { status: 401 }) : Response.json({ data: { viewer: bob } });
  });
  const outcome = tried(ask(COMMAND, {}));
  await soon();
  expect([outcome.is, asked]).toEqual(['waits', ['command', 'who']]);
});

it('a page is of whoever was in first: it tells the others, and takes no one else', async () => {
  const { isIn, ask } = await opened();
  const heard: unknown[] = [];
  others.onmessage = ({ data }) => heard.push(data);
  expect(isIn(alice)).toBe(true);
  expect(isIn({ ...alice })).toBe(true);
  expect(isIn(bob)).toBe(false);
  const outcome = tried(ask(COMMAND, {}));
  await soon();
  others.onmessage = null;
  expect([outcome.is, heard]).toEqual(['waits', [alice, alice]]);
});

it('before anybody is in, whoever asks is answered', async () => {
  const { ask } = await opened();
  cookies = bob;
  others.postMessage('signed-in');
  await soon();
  await ask(COMMAND, {});
  expect(asked).toEqual(['command']);
});
