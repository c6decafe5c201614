import { describe, expect, it } from 'vitest';
import { bench, finish, LIFE, NOON, sendingOf, start, visitOf } from './fake';
import { sendAll } from './sender';

const [MINUTE, HOUR] = [60_000, 3_600_000];

async function ready() {
  const all = bench();
  const [otto, ben] = [visitOf('otto'), visitOf('ben')];
  await all.comes(otto, '1379');
  await all.comes(ben, '2468');
  all.clock.heard(all.server.now, all.clock.life);
  const sending = sendingOf(LIFE);
  return { ...all, otto, ben, send: () => sendAll(all.tools, sending) };
}

describe('what was done is sent', () => {
  it('in its order, each once, in the name of whoever did it', async () => {
    const { server, did, otto, ben, send, store } = await ready();
    await did(otto, start('J-1'));
    await did(ben, start('J-2'));
    await did(otto, finish('J-1'));
    expect(await send()).toEqual({ is: 'sent' });
    expect(server.done.map(({ by, command, jobId }) => `${by} ${command} ${jobId}`)).toEqual([
      'otto startOperation J-1',
      'ben startOperation J-2',
      'otto finishOperation J-1',
    ]);
    expect(await store.entries()).toEqual([]);
    expect(await send()).toEqual({ is: 'sent' });
    expect(server.done).toHaveLength(3);
  });

  it('once also where its answer was lost: the same command again, with the same time', async () => {
    const { server, did, otto, send, pass, store } = await ready();
    await did(otto, start('J-1'));
    server.losesAnswers = 1;
    expect(await send()).toEqual({ is: 'unreachable' });
    expect(await store.entries()).toHaveLength(1);
    pass(HOUR);
    expect(await send()).toEqual({ is: 'sent' });
    expect(server.done).toHaveLength(1);
    expect(await store.entries()).toEqual([]);
  });

  it('after a day without network, with the times at which it was done', async () => {
    const { server, did, otto, ben, send, pass } = await ready();
    server.isOffline = true;
    for (let hour = 0; hour < 24; hour += 1) {
      await did(hour % 2 === 0 ? otto : ben, start(`J-${hour}`));
      expect(await send()).toEqual({ is: 'unreachable' });
      pass(HOUR);
    }
    // Whoever was in is not any more.
    server.session = undefined;
    server.isOffline = false;
    expect(await send()).toEqual({ is: 'sent' });
    expect(server.done.map(({ happenedAt }) => Date.parse(happenedAt))).toEqual(
      Array.from({ length: 24 }, (_, hour) => NOON + hour * HOUR),
    );
    expect(server.done.map(({ by }) => by)).toEqual(Array.from({ length: 24 }, (_, hour) => (hour % 2 === 0 ? 'otto' : 'ben')));
  });

  it('and what is refused stays for whoever did it, while the rest goes on', async () => {
    const { server, did, otto, ben, send, store } = await ready();
    server.refuses = { 'J-1': 'JOB_BLOCKED' };
    await did(otto, finish('J-1'));
    await did(ben, start('J-2'));
    expect(await send()).toEqual({ is: 'sent' });
    const left = await store.entries();
    expect(left.map(({ visit, refused }) => [visit.operatorId, refused?.code])).toEqual([['otto', 'JOB_BLOCKED']]);
    server.refuses = {};
    await send();
    expect(server.done.map(({ jobId }) => jobId)).toEqual(['J-2']);
  });

  it('by its owner again where their session is over or somebody else has come in between', async () => {
    const { server, did, otto, send, store } = await ready();
    await store.set('session', otto.id);
    server.session = 'ben';
    await did(otto, start('J-1'));
    expect(await send()).toEqual({ is: 'sent' });
    expect(server.done.map(({ by }) => by)).toEqual(['otto']);
  });

  it('in nobody else’s name: who signs in in this browser otherwise does not do it', async () => {
    const { server, did, otto, send, store } = await ready();
    await store.set('session', otto.id);
    server.session = 'a planner';
    await did(otto, { kind: 'machine', machineId: 'M-1', machine: 'Mill', status: 'DOWN', reason: 'jam' });
    await send();
    expect(server.done.map(({ by }) => by)).toEqual(['otto']);
  });
});

describe('what can’t be sent in somebody’s name', () => {
  it('waits for them, and with it what comes after it on the same job; the rest goes on', async () => {
    const { server, did, otto, ben, comes, send, store } = await ready();
    const impostor = visitOf('otto', 'impostor', false);
    await comes(impostor, '9999');
    await did(impostor, finish('J-1'));
    await did(ben, start('J-1'));
    await did(ben, start('J-2'));
    await did(otto, start('J-3'));
    expect(await send()).toEqual({ is: 'sent' });
    expect(server.done).toEqual([]);
    expect((await store.entries()).map(({ held }) => held)).toEqual(['pin', undefined, undefined, undefined]);
    const [first] = await store.entries();
    await store.remove(first?.seq ?? 0);
    await send();
    expect(server.done.map(({ jobId }) => jobId)).toEqual(['J-1', 'J-2', 'J-3']);
  });

  it('is not tried again and again: a wrong PIN is shown once, and locks nobody out', async () => {
    const { server, did, comes, send } = await ready();
    const impostor = visitOf('otto', 'impostor', false);
    await comes(impostor, '9999');
    await did(impostor, start('J-1'));
    for (let pass = 0; pass < 5; pass += 1) await send();
    expect(server.asked.filter((what) => what === 'enter')).toHaveLength(1);
  });

  it('waits where too much was guessed at one name, as long as the server says; others go on', async () => {
    const { server, did, otto, ben, send, pass } = await ready();
    server.locks = ['otto'];
    await did(otto, start('J-1'));
    await did(ben, start('J-2'));
    expect(await send()).toMatchObject({ is: 'later' });
    expect(server.done.map(({ by }) => by)).toEqual(['ben']);
    const asked = server.asked.length;
    server.locks = [];
    await send();
    expect(server.asked.length).toBe(asked);
    pass(MINUTE);
    await send();
    expect(server.done.map(({ by }) => by)).toEqual(['ben', 'otto']);
  });

  it('does not hold back others on other jobs', async () => {
    const { server, did, ben, send, store } = await ready();
    await did(visitOf('otto', 'of whom nothing is known'), start('J-1'));
    await did(ben, start('J-2'));
    await send();
    expect(server.done.map(({ jobId }) => jobId)).toEqual(['J-2']);
    expect((await store.entries()).map(({ held }) => held)).toEqual(['gone']);
  });

  it('is tried again later where nothing was decided', async () => {
    const { server, did, otto, ben, send } = await ready();
    server.fails = ['INTERNAL'];
    await did(otto, start('J-1'));
    await did(ben, start('J-2'));
    expect(await send()).toMatchObject({ is: 'later' });
    expect(server.done.map(({ jobId }) => jobId)).toEqual(['J-2']);
    expect(await send()).toEqual({ is: 'sent' });
    expect(server.done.map(({ jobId }) => jobId)).toEqual(['J-2', 'J-1']);
  });

  it('is held where the server fails at it again and again: what comes after it on the same job waits, everything else goes on', async () => {
    const { server, did, otto, ben, send, pass, store } = await ready();
    server.failsAt = { 'J-1': 'INTERNAL' };
    await did(otto, start('J-1'));
    await did(otto, finish('J-1'));
    await did(ben, finish('J-1'));
    await did(otto, start('J-2'));
    for (let tries = 0; tries < 30; tries += 1) {
      await send();
      pass(MINUTE);
    }
    expect((await store.entries()).map(({ held }) => held)).toEqual(['fault', undefined, undefined]);
    expect(server.done.map(({ jobId }) => jobId)).toEqual(['J-2']);
    const asked = server.asked.length;
    expect(await send()).toEqual({ is: 'sent' });
    expect(server.asked.length).toBe(asked);
    const [first] = await store.entries();
    server.failsAt = {};
    await store.remove(first?.seq ?? 0);
    await send();
    expect(server.done.map(({ by, command, jobId }) => `${by} ${command} ${jobId}`)).toEqual([
      'otto startOperation J-2',
      'otto finishOperation J-1',
      'ben finishOperation J-1',
    ]);
  });

  it('is not held where the server is away for a while, or fails a few times', async () => {
    const { server, did, otto, send, pass, store } = await ready();
    await did(otto, start('J-1'));
    server.failsAt = { 'J-1': 'UNAVAILABLE' };
    for (let tries = 0; tries < 60; tries += 1) {
      await send();
      pass(MINUTE);
    }
    server.failsAt = { 'J-1': 'INTERNAL' };
    for (let tries = 0; tries < 14; tries += 1) {
      await send();
      pass(MINUTE);
    }
    expect((await store.entries()).map(({ held }) => held)).toEqual([undefined]);
    server.failsAt = {};
    await send();
    expect(server.done).toHaveLength(1);
  });

  it('waits for all where the server is asked too much', async () => {
    const { server, did, otto, ben, send } = await ready();
    server.fails = ['RATE_LIMITED'];
    await did(otto, start('J-1'));
    await did(ben, start('J-2'));
    expect(await send()).toMatchObject({ is: 'later' });
    expect(server.done).toEqual([]);
  });

  it('stays where the tablet is nobody’s any more', async () => {
    const { server, did, otto, send, store } = await ready();
    server.isPaired = false;
    await did(otto, start('J-1'));
    expect(await send()).toEqual({ is: 'unpaired' });
    expect(await store.entries()).toHaveLength(1);
  });
});

describe('when it happened', () => {
  it('is told by the server’s clock, however wrong the tablet’s is', async () => {
    const { server, tablet, clock, did, otto, send, pass } = await ready();
    tablet.off = -3 * HOUR;
    clock.heard(server.now, clock.life);
    expect(clock.offset).toBe(3 * HOUR);
    pass(MINUTE);
    await did(otto, start('J-1'));
    await send();
    expect(server.done[0]?.happenedAt).toBe(new Date(NOON + MINUTE).toISOString());
  });

  it('is put right by what is known when it is sent, where the clocks had never been compared', async () => {
    const { server, tablet, clock, did, comes, tools, pass } = bench();
    const otto = visitOf('otto');
    await comes(otto, '1379');
    tablet.off = 2 * HOUR;
    await did(otto, start('J-1'));
    pass(10 * MINUTE);
    clock.heard(server.now, clock.life);
    await sendAll(tools, sendingOf(LIFE));
    expect(server.done[0]?.happenedAt).toBe(new Date(NOON).toISOString());
  });

  it('does not go back where the clock is set back meanwhile', async () => {
    const { server, tablet, did, otto, send, pass } = await ready();
    await did(otto, start('J-1'));
    pass(HOUR);
    tablet.off = -5 * HOUR;
    await did(otto, finish('J-1'));
    await send();
    expect(server.done.map(({ happenedAt }) => Date.parse(happenedAt) - NOON)).toEqual([0, HOUR]);
  });

  it('is never before what was told before it, also in a later life of the page whose clock was set back', async () => {
    const { server, tablet, did, otto, tools, send, store } = await ready();
    await did(otto, start('J-1'));
    await send();
    const entry = await did(otto, finish('J-1'));
    // Its clock was wrong by an hour when that was noted.
    tablet.off = 0;
    await store.put({ ...entry, at: entry.at - HOUR, life: 'another life' });
    await sendAll(tools, sendingOf('a third life'));
    expect(server.done.map(({ happenedAt }) => Date.parse(happenedAt) - NOON)).toEqual([0, 0]);
  });

  it('is its own where it waited for its owner while later things were sent', async () => {
    const { server, did, otto, ben, send, pass, store } = await ready();
    const entry = await did(otto, start('J-1'));
    await store.put({ ...entry, held: 'gone' });
    pass(HOUR);
    await did(ben, start('J-2'));
    await send();
    await store.put({ ...entry, held: undefined });
    await send();
    expect(server.done.map(({ by, happenedAt }) => [by, Date.parse(happenedAt) - NOON])).toEqual([
      ['ben', HOUR],
      ['otto', 0],
    ]);
  });

  it('is never ahead of the server', async () => {
    const { server, tablet, did, otto, send } = await ready();
    tablet.off = HOUR;
    await did(otto, start('J-1'));
    tablet.off = 0;
    await send();
    expect(server.done[0]?.happenedAt).toBe(new Date(NOON).toISOString());
  });
});
