import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bench, finish, LIFE, sendingOf, start, visitOf } from './fake';
import { Seals } from './seal';
import { sendAll } from './sender';
import { openStore } from './store';

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});
afterEach(() => vi.unstubAllGlobals());

describe('what the tablet keeps', () => {
  it('outlasts the page, in its order', async () => {
    const first = bench(await openStore());
    for (const job of ['J-1', 'J-2', 'J-3']) await first.did(visitOf('otto'), start(job));
    const again = await openStore();
    expect(again.isKept).toBe(true);
    expect((await again.entries()).map(({ deed }) => deed.kind === 'start' && deed.job)).toEqual(['J-1', 'J-2', 'J-3']);
  });

  it('is sent by the next life of the page, with the PIN that was typed in the former one', async () => {
    const before = bench(await openStore());
    const otto = visitOf('otto', 'a visit', false);
    await before.comes(otto, '1379');
    await before.did(otto, start('J-1'));
    const after = bench(await openStore());
    expect(await sendAll(after.tools, sendingOf('another life'))).toEqual({ is: 'sent' });
    expect(after.server.done.map(({ by }) => by)).toEqual(['otto']);
  });

  it('does not hold a PIN or a badge that could be read', async () => {
    const store = await openStore();
    const seals = new Seals(store);
    await seals.keep('a visit', { operatorId: 'otto', pin: '80085' }, 0);
    await seals.isOwner('B-4711', 'otto');
    const all = await Promise.all((await store.names()).map(async (name) => [name, await store.get(name as 'session')]));
    const text = JSON.stringify(all, (_, value) =>
      ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? [...new Uint8Array(value as ArrayBuffer)] : value,
    );
    expect(text).not.toMatch(/80085|B-4711/);
    expect(await new Seals(store).open('a visit')).toEqual({ operatorId: 'otto', pin: '80085' });
    expect(await new Seals(store).ownerOf(' B-4711 ')).toBe('otto');
    await seals.forgetAll();
    expect(await new Seals(store).open('a visit')).toBeUndefined();
  });

  it('is one for two tabs: each entry goes once, whichever of them sends', async () => {
    const one = bench(await openStore());
    const two = bench(await openStore());
    const server = one.server;
    const otto = visitOf('otto');
    await one.comes(otto, '1379');
    await one.did(otto, start('J-1'));
    await two.did(otto, finish('J-1'));
    // The lock of the browser: one after the other.
    let chain: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>) => {
      const next = chain.then(work);
      chain = next;
      return next;
    };
    await Promise.all([
      inTurn(() => sendAll(one.tools, sendingOf(LIFE))),
      inTurn(() => sendAll({ ...two.tools, door: server }, sendingOf(LIFE))),
    ]);
    expect(server.done.map(({ command }) => command)).toEqual(['startOperation', 'finishOperation']);
    expect(await two.store.entries()).toEqual([]);
  });

  it('lives as long as the page where the browser has no database, and says so', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const store = await openStore();
    expect(store.isKept).toBe(false);
    const { did, comes, tools, server } = bench(store);
    await comes(visitOf('otto'), '1379');
    await did(visitOf('otto'), start('J-1'));
    await sendAll(tools, sendingOf(LIFE));
    expect(server.done).toHaveLength(1);
  });
});
