import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { freshness } from '../api/freshness';
import { queries } from '../api/queries';
import { sessionQuery } from '../api/session';
import { i18next, startTexts } from '../i18n';
import CallsMark from './CallsMark';
import CallsPanel from './CallsPanel';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true });
vi.mock('../api/live', async (original) => ({ ...(await original<typeof import('../api/live')>()), follow: () => () => {} }));
queries.setQueryData(sessionQuery.queryKey, { company: { zone: 'Europe/Tallinn' }, viewer: { role: 'ADMIN' } } as never);

const place = { id: 'W', code: 'TURN', name: 'Turning' };
const call = {
  id: 'c1',
  job: { id: 'J', code: 'J-1', name: null },
  operation: 10,
  workCenter: place,
  machine: null,
  reason: 'Tool broke',
  calledAt: '2026-11-23T10:00:00Z',
  calledBy: { name: 'Otto' },
  escalatedAt: null,
  answeredAt: null,
  answeredBy: null,
  endedAt: null,
};

/** What Kilter answers to who asks for the calls: that it will not, or these. */
let answer: { status: number; body: object };
const refused = (code: string) => ({
  status: code === 'RATE_LIMITED' ? 429 : 200,
  body: { errors: [{ message: 'no', extensions: { code } }] },
});
const told = (...calls: object[]) => ({
  status: 200,
  body: { data: { andonCalls: { totalCount: calls.length, position: '7', edges: calls.map((node) => ({ node })) } } },
});

beforeAll(async () => {
  await startTexts('en');
  await i18next.loadNamespaces('andon');
});
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(answer.body, { status: answer.status })));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

const after = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const mark = () => document.querySelector('[data-calls]');

/** The mark of all screens and the panel of Today. */
async function shown() {
  const known = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const component = () => (
    <QueryClientProvider client={known}>
      <MantineProvider env="test">
        <CallsMark />
        <CallsPanel />
      </MantineProvider>
    </QueryClientProvider>
  );
  const router = createRouter({ routeTree: createRootRoute({ component }), history: createMemoryHistory() });
  const at = document.createElement('div');
  document.body.append(at);
  const root = createRoot(at);
  await act(async () => root.render(<RouterProvider router={router as never} />));
  await after(100);
  return () => act(async () => root.unmount());
}

test.each(['RATE_LIMITED', 'INTERNAL', 'TIMEOUT'])(
  'calls that can not be read (%s) are unknown, not none, until they are read',
  async (code) => {
    answer = refused(code);
    const leave = await shown();
    expect(mark()?.textContent).toBe('Calls unknown');
    expect(document.querySelector('#calls [role="alert"]')).not.toBeNull();
    await after(6_000);
    // Nothing else of the screen counts as up to date while that is so.
    expect(freshness(Date.now())).toBe('stale');
    answer = told(call);
    await after(16_000);
    expect(mark()?.textContent).toBe('1 call');
    expect(document.querySelector('#calls')?.textContent).toContain('Tool broke');
    expect(document.querySelector('#calls [role="alert"]')).toBeNull();
    expect(freshness(Date.now())).not.toBe('stale');
    await leave();
  },
);

test('where nobody waits for help nothing is shown, and nothing is asked again', async () => {
  answer = told();
  const leave = await shown();
  expect([mark(), document.querySelector('#calls')?.childElementCount]).toEqual([null, 0]);
  answer = refused('INTERNAL');
  await after(60_000);
  expect(mark()).toBeNull();
  await leave();
});
