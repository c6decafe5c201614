import { MantineProvider } from '@mantine/core';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import { queries } from '../../api/queries';
import { sessionQuery } from '../../api/session';
import { Model } from '../../board/model';
import { MoveDialog } from './Dialogs';
import type { Planned, RawLane } from './data';
import { BoardStore } from './store';
import type { Moves } from './useMoves';
import type { Words } from './words';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
queries.setQueryData(sessionQuery.queryKey, { company: { zone: 'Europe/Tallinn' } } as never);
// Where there are no fonts nobody waits for them.
Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true });
afterEach(() => document.body.replaceChildren());

const planned = (machine: Planned['machine']) =>
  ({ job: { id: 'a', code: 'a' }, operation: 10, name: 'Harden', machine, operator: null, start: '2026-03-02T06:00:00Z' }) as Planned;

function asked(one: Planned, isNew: boolean) {
  const store = new BoardStore();
  store.lanes = [{ machine: { id: 'm1', code: 'MILL-1' }, operator: null, open: [] } as unknown as RawLane];
  const move = vi.fn(() => Promise.resolve(true));
  const place = document.createElement('div');
  document.body.append(place);
  act(() =>
    createRoot(place).render(
      <MantineProvider env="test">
        <MoveDialog
          planned={one}
          isNew={isNew}
          store={store}
          model={new Model()}
          by="MACHINE"
          moves={{ move } as unknown as Moves}
          words={{} as Words}
          close={() => {}}
        />
      </MantineProvider>,
    ),
  );
  const lanes = [...document.querySelectorAll('option')].map(({ value }) => value);
  act(() => void document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
  return { lanes, moved: move.mock.calls as unknown as [{ moves: object[] }][] };
}

test('work outside the house is offered no machine, and asked for by its time alone', () => {
  const { lanes, moved } = asked(planned(null), false);
  expect(lanes).toEqual([]);
  expect(moved[0]?.[0].moves).toEqual([{ jobId: 'a', operation: 10, start: '2026-03-02T06:00:00.000Z' }]);
});

test('what has no place yet may go to the first machine that can, or to a certain one', () => {
  expect(asked(planned(null), true).lanes).toEqual(['', 'm1']);
});

test('what is on a machine stays there unless another one is chosen', () => {
  const { lanes, moved } = asked(planned({ id: 'm1', code: 'MILL-1' }), false);
  expect(lanes).toEqual(['m1']);
  expect(moved[0]?.[0].moves).toEqual([expect.objectContaining({ machineId: 'm1' })]);
});
