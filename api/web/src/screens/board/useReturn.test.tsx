import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fallback, useReturn } from './useReturn';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);

const made = (name: string) => {
  const button = document.createElement('button');
  button.id = name;
  document.body.append(button);
  return button;
};
let [opener, board] = [made('opener'), made('board')];
beforeEach(() => {
  document.body.replaceChildren();
  [opener, board] = [made('opener'), made('board')];
});
afterEach(() => document.body.replaceChildren());

const fallback = () => board;
function Dialog() {
  useReturn();
  return <input />;
}

/** A dialog is opened, its field has the focus, `meanwhile` something happens, and it is closed. */
async function closed(meanwhile: () => void = () => {}) {
  const place = document.createElement('div');
  document.body.append(place);
  const root = createRoot(place);
  act(() =>
    root.render(
      <Fallback value={fallback}>
        <Dialog />
      </Fallback>,
    ),
  );
  place.querySelector('input')?.focus();
  meanwhile();
  act(() => root.unmount());
  await new Promise((over) => requestAnimationFrame(over));
  return document.activeElement?.id;
}

test('the focus goes back to what opened a dialog', async () => {
  opener.focus();
  expect(await closed()).toBe('opener');
});

test('to the board where that is gone, or nothing had the focus', async () => {
  opener.focus();
  expect(await closed(() => opener.remove())).toBe('board');
  (document.activeElement as HTMLElement | null)?.blur();
  expect(await closed()).toBe('board');
});
