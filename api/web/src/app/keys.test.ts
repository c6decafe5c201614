import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { turnSingle, useKeys } from './keys';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
const [single, found, undone] = [vi.fn(), vi.fn(), vi.fn()];
function Screen() {
  useKeys([
    { keys: 'h', does: 'Look back', run: single },
    { keys: 'mod+k', does: 'Find', run: found },
    { keys: 'mod+z', does: 'Undo', run: undone, notTyping: true },
  ]);
  return null;
}
const root = createRoot(document.createElement('div'));
const press = (key: string, ctrlKey = false) => dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true }));

beforeEach(() => act(async () => root.render(createElement(Screen))));
afterEach(async () => {
  document.body.replaceChildren();
  turnSingle(true);
  vi.clearAllMocks();
  await act(async () => root.render(null));
});

it('a single letter does nothing on the screen under a dialog', () => {
  press('h');
  expect(single).toHaveBeenCalledTimes(1);
  const dialog = document.createElement('section');
  dialog.setAttribute('aria-modal', 'true');
  document.body.append(dialog);
  press('h');
  expect(single).toHaveBeenCalledTimes(1);
});

it('who turns single letters off keeps those with Ctrl', () => {
  turnSingle(false);
  press('h');
  press('k', true);
  expect([single, found].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
});

it('Ctrl+Z is the field of who types, and Undo of everybody else', () => {
  const field = document.body.appendChild(document.createElement('input'));
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true }));
  expect(undone).not.toHaveBeenCalled();
  press('z', true);
  expect(undone).toHaveBeenCalledTimes(1);
});
