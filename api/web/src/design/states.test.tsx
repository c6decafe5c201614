import { MantineProvider } from '@mantine/core';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router';
import { act, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Refusal, Unreachable } from '../api/query';
import { FailedScreen } from '../app/FailedScreen';
import { startTexts } from '../i18n';
import { Failure } from './states';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
beforeAll(() => startTexts('en'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

const after = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

async function shown(what: ReactNode) {
  const place = document.createElement('div');
  document.body.append(place);
  const root = createRoot(place);
  await act(async () => root.render(<MantineProvider env="test">{what}</MantineProvider>));
  return () => act(async () => root.unmount());
}

test.each([
  ['what was not reached', new Unreachable('no answer')],
  ['what Kilter has no time for', new Refusal('UNAVAILABLE', 'ask again')],
])('%s is asked again by itself, again and again, until it is left', async (_, error) => {
  const retry = vi.fn();
  const leave = await shown(<Failure error={error} retry={retry} />);
  await after(15_000);
  expect(retry.mock.calls.length).toBeGreaterThanOrEqual(1);
  await after(30_000);
  expect(retry.mock.calls.length).toBeGreaterThanOrEqual(3);
  await leave();
  retry.mockClear();
  await after(60_000);
  expect(retry).not.toHaveBeenCalled();
});

test('as soon as there is a network again', async () => {
  const retry = vi.fn();
  const leave = await shown(<Failure error={new Unreachable('no answer')} retry={retry} />);
  await act(async () => void globalThis.dispatchEvent(new Event('online')));
  expect(retry).toHaveBeenCalledOnce();
  await leave();
});

test('who asked too often waits as long as was said; what is refused for good is not asked again', async () => {
  const [limited, refused] = [vi.fn(), vi.fn()];
  const leave = await shown(
    <>
      <Failure error={new Refusal('RATE_LIMITED', 'too often', null, undefined, 20)} retry={limited} />
      <Failure error={new Refusal('INTERNAL', 'ours')} retry={refused} />
    </>,
  );
  await after(19_000);
  expect(limited).not.toHaveBeenCalled();
  await after(2_000);
  expect(limited).toHaveBeenCalledOnce();
  await after(60_000);
  expect(refused).not.toHaveBeenCalled();
  await leave();
});

test('a screen whose guard reached nobody comes by itself when Kilter is there', async () => {
  let isThere = false;
  const root = createRootRoute({ component: Outlet });
  const guarded = createRoute({
    getParentRoute: () => root,
    id: 'guarded',
    beforeLoad: async () => {
      if (!isThere) throw new Unreachable('no answer');
    },
    component: Outlet,
  });
  const wall = createRoute({ getParentRoute: () => guarded, path: '/', component: () => <p>the wall</p> });
  const router = createRouter({
    routeTree: root.addChildren([guarded.addChildren([wall])]),
    history: createMemoryHistory(),
    defaultErrorComponent: FailedScreen,
  });
  const leave = await shown(<RouterProvider router={router as never} />);
  await after(100);
  expect(document.body.textContent).toContain('Kilter was not reached');
  await after(40_000);
  expect(document.body.textContent).toContain('Kilter was not reached');
  isThere = true;
  await after(16_000);
  expect(document.querySelector('p')?.textContent).toBe('the wall');
  await leave();
});
