import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { queries } from '../../api/queries';
import { sessionQuery } from '../../api/session';
import { Tray } from './Tray';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
queries.setQueryData(sessionQuery.queryKey, { company: { zone: 'Europe/Tallinn' } } as never);

/** Whether the end of the list is in sight. */
let isInSight = true;
class Observer {
  constructor(readonly tell: (seen: { isIntersecting: boolean }[]) => void) {}
  observe() {
    setTimeout(() => this.tell([{ isIntersecting: isInSight }]));
  }
  disconnect() {}
}

const PAGES = 3;
const center = (id: string) => ({ id, code: id, name: id });
/** 250 jobs that lack a place; the one that is for grinding is among the last. */
const jobs = Array.from({ length: 250 }, (_, at) => ({
  job: { id: `j${at}`, code: `J-${at}`, name: null },
  priority: 50,
  due: null,
  operations: [{ number: 10, name: 'Work', status: 'WAITING', workCenter: center(at === 240 ? 'GRIND' : 'MILL') }],
}));

let asked: (string | undefined)[] = [];
beforeEach(() => {
  isInSight = true;
  asked = [];
  vi.stubGlobal('IntersectionObserver', Observer);
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    const { after } = JSON.parse(String(init.body)).variables;
    asked.push(after);
    const from = Number(after ?? 0);
    const page = jobs.slice(from, from + 100);
    const pageInfo = { hasNextPage: from + 100 < jobs.length, endCursor: String(from + 100) };
    const unplanned = { totalCount: jobs.length, pageInfo, edges: page.map((node) => ({ node })) };
    return Promise.resolve(new Response(JSON.stringify({ data: { unplanned } })));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

async function shown(chosen: string | undefined) {
  const place = document.createElement('div');
  document.body.append(place);
  await act(async () => {
    createRoot(place).render(
      <QueryClientProvider client={new QueryClient()}>
        <MantineProvider>
          <Tray mayMove take={() => {}} place={() => {}} center={chosen} />
        </MantineProvider>
      </QueryClientProvider>,
    );
  });
  const settle = () => act(() => new Promise((over) => setTimeout(over, 60)));
  for (let turn = 0; turn < 2 * PAGES; turn += 1) await settle();
  return { place, settle, rows: () => place.querySelectorAll('[data-unplanned]').length };
}

test('the last of many jobs without a place is reached', async () => {
  const { place, rows } = await shown(undefined);
  expect(rows()).toBe(250);
  expect(place.querySelector('[data-unplanned="J-249:10"]')).not.toBeNull();
  expect(asked).toEqual([undefined, '100', '200']);
});

test('what is for a work center is found where none of the first hundred is', async () => {
  const { place, rows } = await shown('GRIND');
  expect(rows()).toBe(1);
  expect(place.querySelector('[data-unplanned="J-240:10"]')).not.toBeNull();
});

test('it reads no further than people look, and goes on by its button', async () => {
  isInSight = false;
  const { place, settle, rows } = await shown(undefined);
  expect(rows()).toBe(100);
  expect(place.querySelector('[role=status]')?.textContent).toContain('tray.read');
  const more = [...place.querySelectorAll('button')].find(({ textContent }) => textContent === 'tray.more');
  await act(async () => more?.click());
  await settle();
  expect(rows()).toBe(200);
});
