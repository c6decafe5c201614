import type { ClientOptions, Sink } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freshness, STALE_MS } from './freshness';
import { follow } from './live';
import { Refusal } from './query';

interface Asked {
  variables: Record<string, unknown>;
  sink: Sink;
  left: boolean;
}

/** The socket as the library shows it: the test is the server, and the network. */
const net = vi.hoisted(() => ({
  asked: [] as Asked[],
  on: {} as NonNullable<ClientOptions['on']>,
  watching: new Set<() => void>(),
  terminated: 0,
}));

vi.mock('graphql-ws', () => ({
  createClient: ({ on }: ClientOptions) => {
    net.on = on ?? {};
    return {
      on: (_: string, listener: () => void) => {
        net.watching.add(listener);
        return () => net.watching.delete(listener);
      },
      subscribe: ({ variables }: { variables: Record<string, unknown> }, sink: Sink) => {
        const one: Asked = { variables, sink, left: false };
        net.asked.push(one);
        return () => {
          one.left = true;
        };
      },
      terminate: () => {
        net.terminated += 1;
        drop();
      },
    };
  },
}));
vi.mock('./query', async (original) => ({ ...(await original<typeof import('./query')>()), ask: vi.fn(async () => ({})) }));

const DOCUMENT = { toString: () => 'subscription' };
const leaves: (() => void)[] = [];

/** Somebody follows, from where they have read. */
function followed(after?: string) {
  const [next, failed, restarted] = [vi.fn(), vi.fn(), vi.fn()];
  leaves.push(follow(DOCUMENT, { after }, { next, failed, restarted }));
  return { next, failed, restarted, leave: leaves.at(-1) ?? (() => {}) };
}

const connect = () => {
  net.on.connected?.(undefined, undefined, false);
  for (const listener of net.watching) listener();
};
const tell = (cursor: string) => net.asked.at(-1)?.sink.next({ data: { changed: { cursor } } });
const refuse = (code: string, extensions = {}) => net.asked.at(-1)?.sink.error([{ message: code, extensions: { code, ...extensions } }]);
/** The socket is gone, for all who are on it. */
function drop() {
  net.on.closed?.({ code: 1006 });
  for (const one of net.asked.filter(({ left }) => !left)) one.sink.error({ code: 1006 });
}
const afterMs = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const froms = () => net.asked.map(({ variables }) => variables['after']);

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(net, { asked: [], terminated: 0 });
  net.watching.clear();
  connect();
});
afterEach(async () => {
  for (const leave of leaves.splice(0)) leave();
  net.on.closed?.({});
  await afterMs(60_000);
  vi.useRealTimers();
});

describe('what passes', () => {
  for (const code of ['SLOW_SUBSCRIBER', 'RATE_LIMITED', 'UNAVAILABLE', 'INTERNAL']) {
    it(`after ${code} it goes on where it was, a moment later`, async () => {
      const { failed } = followed('7');
      tell('9');
      refuse(code);
      expect(net.asked).toHaveLength(1);
      await afterMs(300);
      expect(froms()).toEqual(['7', '9']);
      expect(failed).not.toHaveBeenCalled();
    });
  }

  it('whoever was too slow goes on from where the server says', async () => {
    followed('7');
    refuse('SLOW_SUBSCRIBER', { resumeCursor: '8' });
    await afterMs(300);
    expect(froms()).toEqual(['7', '8']);
  });

  it('refused again and again, it waits longer each time', async () => {
    followed('7');
    for (let time = 0; time < 5; time += 1) {
      refuse('RATE_LIMITED');
      await afterMs(250 * 2 ** time);
      expect(net.asked).toHaveLength(time + 2);
    }
    refuse('RATE_LIMITED');
    await afterMs(2_000);
    expect(net.asked).toHaveLength(6);
  });

  it('an error within a message ends that operation before it is asked again', async () => {
    followed('7');
    net.asked[0]?.sink.next({ errors: [Object.assign(new Error(), { extensions: { code: 'UNAVAILABLE' } })] as never });
    await afterMs(300);
    expect(net.asked.map(({ left }) => left)).toEqual([true, false]);
  });

  it('where history has no such place any more, it begins anew and says so', async () => {
    const { restarted, failed } = followed('7');
    refuse('BAD_CURSOR');
    await afterMs(0);
    expect(froms()).toEqual(['7', undefined]);
    expect(restarted).toHaveBeenCalledOnce();
    expect(failed).not.toHaveBeenCalled();
  });
});

describe('what is refused for good', () => {
  for (const code of ['FORBIDDEN', 'NOT_FOUND', 'GRAPHQL_VALIDATION_FAILED', 'BAD_RANGE']) {
    it(`${code} is not asked again, and told`, async () => {
      const { failed } = followed();
      refuse(code);
      await afterMs(60_000);
      expect(net.asked).toHaveLength(1);
      expect(failed).toHaveBeenCalledWith(expect.any(Refusal));
    });
  }

  it('is not shown as live, whoever else still is, until it is left', async () => {
    followed();
    const { leave } = followed();
    refuse('FORBIDDEN');
    await afterMs(STALE_MS);
    net.on.message?.({ type: 'pong' } as never);
    expect(freshness(Date.now())).toBe('stale');
    leave();
    expect(freshness(Date.now())).toBe('live');
  });
});

describe('a socket that breaks', () => {
  it('is given up where a ping is not answered within five seconds, and what was followed goes on', async () => {
    followed('7');
    tell('9');
    net.on.ping?.(false, undefined);
    await afterMs(4_900);
    expect(net.terminated).toBe(0);
    await afterMs(200);
    expect(net.terminated).toBe(1);
    await afterMs(300);
    expect(froms()).toEqual(['7', '9']);
  });

  it('is kept as long as pings are answered', async () => {
    followed();
    for (let at = 0; at < 10; at += 1) {
      net.on.ping?.(false, undefined);
      await afterMs(1_000);
      net.on.message?.({ type: 'pong' } as never);
      await afterMs(2_000);
    }
    expect(net.terminated).toBe(0);
  });

  it('is given up where it is never made', async () => {
    followed();
    net.on.connecting?.(false);
    await afterMs(10_100);
    expect(net.terminated).toBe(1);
  });

  it('that held is asked for anew at once, however often its token has ended and though nothing was told', async () => {
    followed('7');
    for (let time = 1; time <= 6; time += 1) {
      await afterMs(300_000);
      drop();
      await afterMs(0);
      expect(net.asked).toHaveLength(time + 1);
      connect();
    }
  });

  it('that is closed at once each time is not asked for without end', async () => {
    followed('7');
    for (let time = 0; time < 200; time += 1) {
      drop();
      connect();
      await afterMs(50);
    }
    expect(net.asked.length).toBeLessThan(12);
  });

  it('leaves no listener behind', async () => {
    const online = vi.spyOn(globalThis, 'addEventListener');
    const offline = vi.spyOn(globalThis, 'removeEventListener');
    const { leave } = followed('7');
    for (let time = 0; time < 4; time += 1) {
      drop();
      await afterMs(20_000);
    }
    leave();
    await afterMs(0);
    const ofOnline = (spy: { mock: { calls: unknown[][] } }) => spy.mock.calls.filter(([event]) => event === 'online').length;
    expect(ofOnline(online)).toBeGreaterThan(0);
    expect(ofOnline(offline)).toBe(ofOnline(online));
    expect(net.watching.size).toBe(0);
    vi.restoreAllMocks();
  });
});
