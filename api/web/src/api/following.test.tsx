import { act, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useFirst, useSeldom } from './following';

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

test('news are followed from the first position that was there, whatever is read later', () => {
  let position: string | undefined;
  let first: { after: string } | undefined;
  const screen = shown(() => {
    first = useFirst(position);
    return null;
  });
  expect(first).toBeUndefined();
  for (const next of ['7', '9']) {
    position = next;
    screen.draw();
    expect(first).toEqual({ after: '7' });
  }
});
