import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { beforeEach, expect, it, vi } from 'vitest';
import { Title } from './Title';

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('scrollTo', () => undefined);
});

async function shown() {
  const box = document.body.appendChild(document.createElement('main'));
  const root = createRoot(box);
  const show = (view: React.ReactNode) => act(async () => root.render(view));
  const focused = () => document.activeElement?.textContent;
  return { show, focused, button: () => box.querySelector('button')?.focus() };
}

it('another view has the focus at its heading', async () => {
  const { show, focused } = await shown();
  await show(<Title key="who">Who are you?</Title>);
  expect(focused()).toBe('Who are you?');
  await show(<Title key="pin">Otto Kask</Title>);
  expect(focused()).toBe('Otto Kask');
});

it('the heading takes the focus of a button that is gone, and of no other', async () => {
  const { show, focused, button } = await shown();
  await show([
    <Title key="title">Otto Kask</Title>,
    <button key="start" type="button">
      Start
    </button>,
  ]);
  button();
  await show([
    <Title key="title">Otto Kask!</Title>,
    <button key="start" type="button">
      Start
    </button>,
  ]);
  expect(focused()).toBe('Start');
  await show([<Title key="title">Otto Kask!!</Title>]);
  expect(focused()).toBe('Otto Kask!!');
});

it('a field that was asked for keeps the focus', async () => {
  const { show, focused } = await shown();
  await show([
    <Title key="title">Another job</Title>,
    // biome-ignore lint/a11y/noAutofocus: as FindJob has it
    <input key="number" autoFocus />,
  ]);
  expect(document.activeElement?.tagName).toBe('INPUT');
  expect(focused()).toBe('');
});
