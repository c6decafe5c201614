import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import { hear } from './news';

const queryKey = ['machines'];

/** A screen that shows this, and the questions it asked, answered when the test says so. */
function screen() {
  const asked: ((rows: string[]) => void)[] = [];
  const queries = new QueryClient();
  const queryFn = ({ signal: _ }: { signal: AbortSignal }) => new Promise<string[]>((give) => asked.push(give));
  const leave = new QueryObserver(queries, { queryKey, queryFn }).subscribe(() => {});
  return { queries, asked, leave, shown: () => queries.getQueryData<string[]>(queryKey) };
}

it('an answer that is older than what was heard meanwhile does not take it back', async () => {
  const { queries, asked, leave, shown } = screen();
  asked[0]?.(['LATHE-1']);
  await vi.waitFor(() => expect(shown()).toEqual(['LATHE-1']));
  void queries.invalidateQueries({ queryKey });
  hear<string[]>(queries, queryKey, (known) => [...known, 'LATHE-2']);
  asked[1]?.(['LATHE-1']);
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  expect(shown()).toEqual(['LATHE-1', 'LATHE-2']);
  asked[2]?.(['LATHE-1', 'LATHE-2', 'LATHE-3']);
  await vi.waitFor(() => expect(shown()).toHaveLength(3));
  leave();
});

it('nothing is asked for news that come while no answer is on its way, and none is made up', async () => {
  const { queries, asked, leave, shown } = screen();
  hear<string[]>(queries, queryKey, (known) => [...known, 'LATHE-2']);
  expect(shown()).toBeUndefined();
  asked[0]?.(['LATHE-1']);
  await vi.waitFor(() => expect(shown()).toEqual(['LATHE-1']));
  hear<string[]>(queries, queryKey, (known) => [...known, 'LATHE-2']);
  expect(shown()).toEqual(['LATHE-1', 'LATHE-2']);
  expect(asked).toHaveLength(1);
  leave();
});
