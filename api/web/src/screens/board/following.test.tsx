import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askAgain } from '../../api/news';
import { Refusal } from '../../api/query';
import { BoardStore } from './store';
import { useFollowed } from './useBoardData';
import { useRun } from './useRun';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
vi.mock('../../api/news', () => ({ askAgain: vi.fn() }));
const followed: { variables: object; next: (data: object) => void; failed?: (refusal: Refusal) => void; left: boolean }[] = [];
vi.mock('../../api/live', async (original) => ({
  ...(await original<typeof import('../../api/live')>()),
  follow: (_: unknown, variables: object, follower: object) => {
    const one = { variables, ...(follower as { next: () => void }), left: false };
    followed.push(one);
    return () => {
      one.left = true;
    };
  },
}));

beforeEach(() => {
  followed.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

function shown(Component: () => null) {
  const root = createRoot(document.createElement('div'));
  act(() =>
    root.render(
      <QueryClientProvider client={new QueryClient()}>
        <Component />
      </QueryClientProvider>,
    ),
  );
}

const news = { kind: 'CHANGE', bars: [], gone: [], machines: [], lanesChanged: true };

test('hours that change again and again ask for the window once a second', () => {
  shown(() => {
    useFollowed(new BoardStore(), 'from', 'until', '1');
    return null;
  });
  const windows = () => vi.mocked(askAgain).mock.calls.filter(([, key]) => key[1] === 'window').length;
  for (let told = 0; told < 50; told += 1) act(() => followed[0]?.next({ boardChanged: news }));
  expect(windows()).toBe(0);
  act(() => void vi.advanceTimersByTime(1_000));
  expect(windows()).toBe(1);
});

test('a run that there is not any more is told to who follows it by an old address', () => {
  const lost = vi.fn();
  shown(() => {
    useRun('r-1', lost);
    return null;
  });
  expect(followed[0]?.variables).toEqual({ run: 'r-1' });
  act(() => followed[0]?.failed?.(new Refusal('NOT_FOUND', 'not found')));
  expect(lost).toHaveBeenCalledTimes(1);
});
