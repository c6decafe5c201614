// The terminal's service worker, with caches and a network of its own.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

type Answered = { text: string; ok: boolean };
const SOURCE = readFileSync('public/terminal-worker.js', 'utf8');
const PREFIX = 'kilter-terminal-';

/** Caches as browsers have them: in the order in which they were made, and asked in that order. */
class FakeCaches {
  readonly all = new Map<string, Map<string, Answered>>();

  async open(name: string) {
    const cache = this.all.get(name) ?? new Map<string, Answered>();
    this.all.set(name, cache);
    return { match: async (asked: string | { url: string }) => cache.get(pathOf(asked)) };
  }

  async match(asked: string | { url: string }) {
    return [...this.all.values()].map((cache) => cache.get(pathOf(asked))).find((found) => found !== undefined);
  }

  async keys() {
    return [...this.all.keys()];
  }

  async delete(name: string) {
    return this.all.delete(name);
  }
}

const pathOf = (asked: string | { url: string }): string => (typeof asked === 'string' ? asked : new URL(asked.url).pathname);
const said = (text: string, ok = true): Answered => ({ text, ok });

/** The worker of the version `new`, after an update: the page of `old` is still there. */
function updated(network: () => Promise<Answered>) {
  const caches = new FakeCaches();
  caches.all.set('of another page', new Map([['/terminal', said('not ours')]]));
  caches.all.set(
    `${PREFIX}old`,
    new Map([
      ['/terminal', said('old page')],
      ['/assets/old.js', said('old file')],
    ]),
  );
  caches.all.set(
    `${PREFIX}new`,
    new Map([
      ['/terminal', said('new page')],
      ['/assets/new.js', said('new file')],
    ]),
  );
  type Event = { request: object; respondWith: (answer: Promise<Answered>) => void; waitUntil: (work: Promise<void>) => void };
  const heard = new Map<string, (event: Event) => void>();
  const self = {
    addEventListener: (name: string, listener: (event: Event) => void) => heard.set(name, listener),
    location: { origin: 'https://kilter.test' },
    clients: { claim: async () => undefined },
  };
  new Function('self', 'caches', 'fetch', SOURCE.replace('KILTER-VERSION', 'new'))(self, caches, network);
  const event = (name: string, request: object): Promise<Answered | undefined> =>
    new Promise((done) => {
      const over = (work: Promise<unknown>) => void work.then((value) => done(value as Answered));
      heard.get(name)?.({ request, respondWith: over, waitUntil: over });
    });
  const ask = (path: string, mode = 'navigate') => event('fetch', { method: 'GET', mode, url: `https://kilter.test${path}` });
  return { caches, ask, activate: () => event('activate', {}) };
}

const offline = async (): Promise<Answered> => {
  throw new TypeError('offline');
};

it('without network loads the version that was there last, though an older one is kept', async () => {
  const { ask } = updated(offline);
  expect((await ask('/terminal'))?.text).toBe('new page');
});

it('goes on serving files of the older version to a page that is still open', async () => {
  const { ask, caches, activate } = updated(offline);
  await activate();
  expect(await caches.keys()).toEqual(['of another page', `${PREFIX}old`, `${PREFIX}new`]);
  expect((await ask('/assets/old.js', 'cors'))?.text).toBe('old file');
  expect((await ask('/assets/new.js', 'cors'))?.text).toBe('new file');
});

it('with network takes the page from the server, unless somebody else answers for it', async () => {
  expect((await updated(async () => said('of the server')).ask('/terminal'))?.text).toBe('of the server');
  expect((await updated(async () => said('bad gateway', false)).ask('/terminal'))?.text).toBe('new page');
});

it('has the older page where its own is gone', async () => {
  const { ask, caches } = updated(offline);
  caches.all.delete(`${PREFIX}new`);
  expect((await ask('/terminal'))?.text).toBe('old page');
});
