import { MantineProvider } from '@mantine/core';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import { queries } from '../../api/queries';
import { sessionQuery } from '../../api/session';
import { Auto, type AutoProps } from './Auto';
import type { Moves } from './useMoves';
import type { RunState } from './useRun';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
queries.setQueryData(sessionQuery.queryKey, { company: { zone: 'Europe/Tallinn' } } as never);
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

/** Kilter begins a run for whoever asks; what it was asked. */
function kilter() {
  const asked: Record<string, unknown>[] = [];
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    asked.push(JSON.parse(String(init.body)).variables.input);
    return Promise.resolve(new Response(JSON.stringify({ data: { startPlanning: { run: { id: 'r-9' }, userErrors: [] } } })));
  });
  return asked;
}

function shown(props: Partial<AutoProps>) {
  const place = document.createElement('div');
  document.body.append(place);
  const all: AutoProps = {
    run: undefined,
    worth: [],
    isComing: false,
    begin: () => {},
    direction: 'FORWARD',
    turn: () => {},
    isLost: false,
    moves: {} as Moves,
    taken: () => {},
    ...props,
  };
  act(() =>
    createRoot(place).render(
      <MantineProvider>
        <Auto {...all} />
      </MantineProvider>,
    ),
  );
  return place;
}

const press = async (place: HTMLElement, name: string) => {
  const button = [...place.querySelectorAll('button')].find(({ textContent }) => textContent === name);
  await act(async () => {
    button?.click();
    await new Promise((over) => setTimeout(over));
  });
};

test('who wants work as late as the due dates allow asks the optimiser for that', async () => {
  const [asked, begin] = [kilter(), vi.fn()];
  const place = shown({ direction: 'BACKWARD', begin });
  await press(place, 'auto.start');
  expect(asked).toEqual([expect.objectContaining({ direction: 'BACKWARD', preset: 'ON_TIME_FIRST', seconds: 30 })]);
  expect(begin).toHaveBeenCalledWith('r-9');
});

test('work is laid out forward where nothing else was chosen', async () => {
  const asked = kilter();
  await press(shown({}), 'auto.start');
  expect(asked).toEqual([expect.objectContaining({ direction: 'FORWARD' })]);
});

test('who chooses a direction is heard', () => {
  const turn = vi.fn();
  const place = shown({ turn });
  const field = [...place.querySelectorAll('select')].find(({ options }) => [...options].some(({ value }) => value === 'BACKWARD'));
  if (field === undefined) throw new Error('no field for the direction');
  act(() => {
    field.value = 'BACKWARD';
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
  expect(turn).toHaveBeenCalledWith('BACKWARD');
});

const run = { id: 'r-1', state: 'FINISHED', preset: 'MAKESPAN', seconds: 120, elapsedMs: 0, proved: false } as RunState;

test('a run that was picked up after a reload is gone on with as it was asked for', async () => {
  const asked = kilter();
  await press(shown({ run, direction: 'BACKWARD' }), 'auto.again');
  expect(asked).toEqual([expect.objectContaining({ preset: 'MAKESPAN', seconds: 120, direction: 'BACKWARD' })]);
});

test('who takes over a plan too early is told that it is not laid out backward yet', () => {
  expect(shown({ run: { ...run, state: 'WAITING' }, direction: 'BACKWARD' }).textContent).toContain('auto.notYetBackward');
  expect(shown({ run, direction: 'BACKWARD' }).textContent).not.toContain('auto.notYetBackward');
});

test('nobody begins a second run while nothing is told of the first one yet', () => {
  expect(shown({ isComing: true }).querySelector('button')).toBeNull();
});

test('a run of the address that is over is said to be', () => {
  expect(shown({ isLost: true }).textContent).toContain('auto.lost');
});
