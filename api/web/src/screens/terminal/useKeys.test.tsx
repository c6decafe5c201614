import { act, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { beforeEach, expect, it, vi } from 'vitest';
import { useKeys } from './useTerminal';

beforeEach(() => {
  document.body.replaceChildren();
});

interface Done {
  sent: string[];
  scanned: string[];
}

function Pad({ done }: { done: Done }) {
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState('ott');
  const key = (one: string) => {
    if (one === 'Enter') done.sent.push(typed);
    else setTyped(typed + one);
  };
  useKeys({ key, scan: (text) => done.scanned.push(text) });
  return <input value={found} onChange={({ currentTarget: { value } }) => setFound(value)} />;
}

async function shown() {
  const done: Done = { sent: [], scanned: [] };
  const box = document.body.appendChild(document.createElement('main'));
  const root = createRoot(box);
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  await act(async () => root.render(<Pad done={done} />));
  // From here on nothing waits for React but what is under test.
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', false);
  const field = box.querySelector('input') as HTMLInputElement;
  const type = (target: EventTarget, keys: string[], everyMs: number) =>
    keys.map((key, at) => {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'timeStamp', { value: 1_000 + at * everyMs });
      return !target.dispatchEvent(event);
    });
  return { done, field, type };
}

it('what is typed quickly is all there when Enter comes', async () => {
  const { done, type } = await shown();
  type(document.body, ['3', '8', 'Enter'], 30);
  expect(done).toEqual({ sent: ['38'], scanned: [] });
});

it('what is scanned into a field is heard, and is not left in there', async () => {
  const { done, field, type } = await shown();
  const taken = type(field, [...'B-47'], 8);
  expect(taken).toEqual([false, false, false, false]);
  // What the browser does with them.
  const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
  put?.call(field, 'ottB-47');
  const enter = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });
  Object.defineProperty(enter, 'timeStamp', { value: 1_032 });
  field.dispatchEvent(enter);
  await vi.waitFor(() => expect(field.value).toBe('ott'));
  expect([enter.defaultPrevented, done.scanned, done.sent]).toEqual([true, ['B-47'], []]);
});

it('what somebody types into a field is theirs, Enter with it', async () => {
  const { done, field, type } = await shown();
  expect(type(field, [...'4711', 'Enter'], 150)).toEqual([false, false, false, false, false]);
  expect(done).toEqual({ sent: [], scanned: [] });
});
