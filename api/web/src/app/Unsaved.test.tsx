import { MantineProvider } from '@mantine/core';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import { leavesThing, Unsaved } from './Unsaved';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
afterEach(() => document.body.replaceChildren());

interface Search {
  at?: string;
  job?: string;
  tab?: string;
}

/** A screen with something unsaved, and the question that stands there after one has gone to another place. */
async function afterGoing(to: { to: string; search?: Search; replace?: boolean }, is = true) {
  const root = createRootRoute({
    component: () => (
      <MantineProvider env="test">
        <Outlet />
      </MantineProvider>
    ),
    validateSearch: (search: Record<string, unknown>): Search => search,
  });
  const screen = createRoute({ getParentRoute: () => root, path: '/import', component: () => <Unsaved is={is} /> });
  const other = createRoute({ getParentRoute: () => root, path: '/jobs' });
  const history = createMemoryHistory({ initialEntries: ['/import?tab=a'] });
  const router = createRouter({ routeTree: root.addChildren([screen, other]), history });
  const place = document.createElement('div');
  document.body.append(place);
  const made = createRoot(place);
  await act(async () => made.render(<RouterProvider router={router as never} />));
  await vi.waitFor(() => expect(router.state.status).toBe('idle'));
  await act(async () => void router.navigate(to as never));
  const isAsked = document.body.textContent?.includes('unsaved.title') ?? false;
  const { href } = router.state.location;
  await act(async () => made.unmount());
  return [isAsked, href];
}

test('to look back asks first: the screen begins anew there', async () => {
  expect(await afterGoing({ to: '/import', search: { tab: 'a', at: '2026-11-24T10:00:00Z' } })).toEqual([true, '/import?tab=a']);
});

test('so does another screen; a job beside, a filter and what the app puts there by itself do not', async () => {
  expect(await afterGoing({ to: '/jobs' })).toEqual([true, '/import?tab=a']);
  expect(await afterGoing({ to: '/import', search: { tab: 'a', job: 'J-1' } })).toEqual([false, '/import?tab=a&job=J-1']);
  expect(await afterGoing({ to: '/import', search: { tab: 'b' } })).toEqual([false, '/import?tab=b']);
  expect(await afterGoing({ to: '/import', search: { tab: 'b' }, replace: true })).toEqual([false, '/import?tab=b']);
});

test('nothing is asked where nothing is unsaved', async () => {
  expect(await afterGoing({ to: '/import', search: { tab: 'a', at: '2026-11-24' } }, false)).toEqual([
    false,
    '/import?tab=a&at=2026-11-24',
  ]);
});

test('one thing of a list is left by another one and by another moment, in whatever order the address names them', () => {
  const place = (search: Search) => ({ pathname: '/calendars', search });
  expect(leavesThing(place({ tab: 'a' }), place({ tab: 'b' }))).toBe(true);
  expect(leavesThing(place({ tab: 'a' }), place({ tab: 'a', at: '7' }))).toBe(true);
  expect(leavesThing(place({ tab: 'a' }), place({ tab: 'a', job: 'J-1' }))).toBe(false);
  expect(leavesThing(place({ tab: 'a', at: '7' }), place({ at: '7', tab: 'a' }))).toBe(false);
});
