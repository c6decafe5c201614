import { act, createElement, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type DoneLine, dismissDone, keepDone, letDoneGo, sayDone, useDoneLine } from './undo';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
const seen: { line?: DoneLine } = {};
function Line() {
  const line = useDoneLine();
  useEffect(() => void Object.assign(seen, { line }));
  return null;
}
const root = createRoot(document.createElement('div'));
const after = (ms: number) => act(async () => void vi.advanceTimersByTime(ms));

beforeEach(async () => {
  vi.useFakeTimers();
  await act(async () => root.render(createElement(Line)));
  await act(async () => sayDone({ said: 'J-1 is on hold' }));
});
afterEach(async () => {
  await act(async () => seen.line && dismissDone(seen.line));
  vi.useRealTimers();
});

it('the line goes after ten seconds', async () => {
  await after(9_900);
  expect(seen.line?.said).toBe('J-1 is on hold');
  await after(200);
  expect(seen.line).toBeUndefined();
});

it('it stays under who is at it, and has its whole time again when they leave', async () => {
  const line = seen.line;
  if (line === undefined) throw new Error('nothing is said');
  await after(9_000);
  keepDone(line);
  await after(60_000);
  expect(seen.line).toBe(line);
  letDoneGo(line);
  await after(9_900);
  expect(seen.line).toBe(line);
  await after(200);
  expect(seen.line).toBeUndefined();
});
