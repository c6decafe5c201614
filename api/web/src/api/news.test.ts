import { type InfiniteData, InfiniteQueryObserver, QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import { askAgain, hear } from './news';

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
  hear<string[]>(queries, queryKey, (known) => [...known, 'LATHE-3']);
  asked[1]?.(['MILL-1']);
  await vi.waitFor(() => expect(shown()).toEqual(['MILL-1', 'LATHE-2', 'LATHE-3']));
  expect(asked).toHaveLength(2);
  leave();
});

it('nothing is asked for news, and none is shown before there is an answer to take them', async () => {
  const { queries, asked, leave, shown } = screen();
  hear<string[]>(queries, queryKey, (known) => [...known, 'LATHE-2']);
  expect(shown()).toBeUndefined();
  asked[0]?.(['LATHE-1']);
  await vi.waitFor(() => expect(shown()).toEqual(['LATHE-1', 'LATHE-2']));
  hear<string[]>(queries, queryKey, (known) => [...known, 'LATHE-3']);
  expect(shown()).toEqual(['LATHE-1', 'LATHE-2', 'LATHE-3']);
  expect(asked).toHaveLength(1);
  leave();
});

it('an answer that does not come takes nothing back, and leaves nothing for the next', async () => {
  const { queries, asked, leave, shown } = screen();
  asked[0]?.(['LATHE-1']);
  await vi.waitFor(() => expect(shown()).toEqual(['LATHE-1']));
  void queries.invalidateQueries({ queryKey });
  hear<string[]>(queries, queryKey, (known) => [...known, 'LATHE-2']);
  await queries.cancelQueries({ queryKey });
  expect(shown()).toEqual(['LATHE-1', 'LATHE-2']);
  void queries.invalidateQueries({ queryKey });
  asked.at(-1)?.(['MILL-1']);
  await vi.waitFor(() => expect(shown()).toEqual(['MILL-1']));
  leave();
});

it('the next page comes however fast the news are, and keeps them', async () => {
  const queries = new QueryClient();
  const asked: ((row: string) => void)[] = [];
  const observer = new InfiniteQueryObserver(queries, {
    queryKey,
    queryFn: ({ signal: _ }) => new Promise<string>((give) => asked.push(give)),
    initialPageParam: 0,
    getNextPageParam: (_, pages) => pages.length,
  });
  const leave = observer.subscribe(() => {});
  asked[0]?.('first');
  await vi.waitFor(() => expect(observer.getCurrentResult().data?.pages).toEqual(['first']));
  void observer.fetchNextPage();
  for (let time = 0; time < 5; time += 1) {
    hear<InfiniteData<string>>(queries, queryKey, ({ pages: [, ...rest], pageParams }) => ({
      pages: [`news ${time}`, ...rest],
      pageParams,
    }));
    askAgain(queries, queryKey);
  }
  expect(asked).toHaveLength(2);
  asked[1]?.('second');
  await vi.waitFor(() => expect(observer.getCurrentResult().data?.pages).toEqual(['news 4', 'second']));
  // What followed from the news is asked once, after the page has come.
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  leave();
});

it('what is asked again while it is asked is asked once more, not anew each time', async () => {
  const { queries, asked, leave, shown } = screen();
  for (let time = 0; time < 5; time += 1) askAgain(queries, ['machines']);
  expect(asked).toHaveLength(1);
  asked[0]?.(['LATHE-1']);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  asked[1]?.(['LATHE-2']);
  await vi.waitFor(() => expect(shown()).toEqual(['LATHE-2']));
  expect(asked).toHaveLength(2);
  leave();
});
