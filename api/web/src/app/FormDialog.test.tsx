import { MantineProvider } from '@mantine/core';
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { act, type ReactNode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import { Refusal } from '../api/query';
import { FormDialog } from './FormDialog';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true });
afterEach(() => document.body.replaceChildren());

const pause = (ms: number) => act(() => new Promise((over) => setTimeout(over, ms)));

/** A command that is answered when the test says so. */
function answeredLater() {
  let [done, refuse] = [() => {}, (_: Error) => {}];
  const submit = () =>
    new Promise<void>((yes, no) => {
      [done, refuse] = [yes, no];
    });
  return { submit, done: () => act(async () => done()), refuse: (why: Error) => act(async () => refuse(why)) };
}

async function shown(Screen: () => ReactNode) {
  const component = () => (
    <MantineProvider env="test">
      <Screen />
    </MantineProvider>
  );
  const router = createRouter({ routeTree: createRootRoute({ component }), history: createMemoryHistory() });
  const place = document.createElement('div');
  document.body.append(place);
  const root = createRoot(place);
  await act(async () => root.render(<RouterProvider router={router as never} />));
  await vi.waitFor(() => expect(document.querySelector('input')).not.toBeNull());
  return () => act(async () => root.unmount());
}

const field = () => document.querySelector<HTMLInputElement>('input') ?? expect.fail('there is no field');
const type = (text: string) =>
  act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field(), text);
    field().dispatchEvent(new Event('input', { bubbles: true }));
  });
const send = () => act(async () => field().form?.requestSubmit());
const named = (text: string) => [...document.querySelectorAll('button')].find((button) => button.textContent === text);
async function pressEscape() {
  await act(async () => void field().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })));
  await pause(50);
}

test('a dialog that is being answered stays, and says what was refused beside what was typed', async () => {
  const [later, closed] = [answeredLater(), vi.fn()];
  const leave = await shown(() => (
    <FormDialog title="Block" name="Block it" submit={later.submit} close={closed}>
      <input defaultValue="" />
    </FormDialog>
  ));
  await type('no material');
  await send();
  await pressEscape();
  await act(async () => named('dialog.cancel')?.click());
  await act(async () => document.querySelector<HTMLElement>('[aria-label="dialog.close"]')?.click());
  await act(async () => document.querySelector<HTMLElement>('.mantine-Modal-overlay')?.click());
  expect(closed).not.toHaveBeenCalled();
  expect(document.body.textContent).not.toContain('unsaved.title');
  await later.refuse(new Refusal('JOB_CLOSED', 'the job is done'));
  expect(document.querySelector('[role="alert"]')?.textContent).toBe('The job is done.');
  expect(field().value).toBe('no material');
  // What was refused is unsaved again: to leave it is asked about.
  await pressEscape();
  expect(closed).not.toHaveBeenCalled();
  expect(document.body.textContent).toContain('unsaved.title');
  await leave();
});

test('what is done closes its own dialog', async () => {
  const [later, closed] = [answeredLater(), vi.fn()];
  const leave = await shown(() => (
    <FormDialog title="Block" name="Block it" submit={later.submit} close={closed}>
      <input />
    </FormDialog>
  ));
  await send();
  await later.done();
  expect(closed).toHaveBeenCalledOnce();
  await leave();
});

const late = answeredLater();
let open: (which: string) => void = () => {};

/** A screen that has two dialogs, one at a time. */
function Two() {
  const [asked, setAsked] = useState<string | undefined>('one');
  useEffect(() => {
    open = setAsked;
  }, []);
  const close = () => setAsked(undefined);
  return (
    <>
      {asked === 'one' && (
        <FormDialog title="One" name="Do" submit={late.submit} close={close}>
          <input name="one" />
        </FormDialog>
      )}
      {asked === 'two' && (
        <FormDialog title="Two" name="Do" submit={() => Promise.resolve()} close={close}>
          <input name="two" />
        </FormDialog>
      )}
    </>
  );
}

test('a late answer does not close the dialog that stands there by then', async () => {
  const leave = await shown(Two);
  await send();
  await act(async () => open('two'));
  await late.done();
  await pause(50);
  expect(field().name).toBe('two');
  await leave();
});
