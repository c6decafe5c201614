import { act, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useFollowed, useSeldom } from './following';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Shows it, as a strict React does: mounted, unmounted and mounted again. */
function shown(Component: () => null) {
  const root = createRoot(document.createElement('div'));
  const draw = () =>
    act(() =>
      root.render(
        <StrictMode>
          <Component />
        </StrictMode>,
      ),
    );
  draw();
  return { draw, leave: () => act(() => root.unmount()) };
}

test('what is called often runs once a while, and again when it is called later', () => {
  const run = vi.fn();
  let call = () => {};
  shown(() => {
    call = useSeldom(run, 400);
    return null;
  });
  for (const _ of [1, 2, 3]) call();
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(400);
  expect(run).toHaveBeenCalledTimes(1);
  call();
  vi.advanceTimersByTime(400);
  expect(run).toHaveBeenCalledTimes(2);
});

test('nothing runs for a screen that was left', () => {
  const run = vi.fn();
  let call = () => {};
  const screen = shown(() => {
    call = useSeldom(run);
    return null;
  });
  call();
  screen.leave();
  vi.advanceTimersByTime(5_000);
  expect(run).not.toHaveBeenCalled();
});

/** What was followed, and the server that tells of it. */
const followed: { variables: object; next: (data: object) => void; restarted: () => void; left: boolean }[] = [];
vi.mock('./live', async (original) => ({
  ...(await original<typeof import('./live')>()),
  follow: (_: unknown, variables: object, { next, restarted }: { next: () => void; restarted: () => void }) => {
    const one = { variables, next, restarted, left: false };
    followed.push(one);
    return () => {
      one.left = true;
    };
  },
}));

/** A screen that follows this window, having read up to there. */
function follows() {
  followed.splice(0);
  const now: { window: { from: string } | undefined; position: string | undefined } = { window: { from: '6:00' }, position: undefined };
  const screen = shown(() => {
    useFollowed({ toString: () => 'subscription' }, now.window, now.position, { next: () => {} });
    return null;
  });
  const set = (change: Partial<typeof now>) => {
    Object.assign(now, change);
    screen.draw();
  };
  return { set, open: () => followed.filter(({ left }) => !left).map(({ variables }) => variables) };
}

test('news are followed from the first position that was there, whatever is read later', () => {
  const { set, open } = follows();
  expect(followed).toEqual([]);
  for (const position of ['7', '9']) {
    set({ position });
    expect(open()).toEqual([{ from: '6:00', after: '7' }]);
  }
});

test('in the window of the next hour it goes on where the last message lay, not where it once began', () => {
  const { set, open } = follows();
  set({ position: '7' });
  followed.at(-1)?.next({ boardChanged: { cursor: '4000' } });
  set({ window: { from: '7:00' } });
  expect(open()).toEqual([{ from: '7:00', after: '4000' }]);
});

test('where the last message has no place any more in history, it is not gone on from there', () => {
  const { set, open } = follows();
  set({ position: '7' });
  followed.at(-1)?.next({ boardChanged: { cursor: '4000' } });
  followed.at(-1)?.restarted();
  set({ window: { from: '7:00' } });
  expect(open()).toEqual([{ from: '7:00', after: '7' }]);
});

test('nothing is followed as long as there is nothing that may be', () => {
  const { set, open } = follows();
  set({ position: '7', window: undefined });
  expect(open()).toEqual([]);
});
