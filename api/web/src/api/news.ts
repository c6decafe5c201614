// News and answers, which overtake each other: what was heard while an answer was on its way comes on top of that answer, and what follows
// from news is asked anew when the answer is there. So news faster than answers neither lose anything nor keep an answer from coming.
import type { Query, QueryClient, QueryKey } from '@tanstack/react-query';

const isAsking = (query: Query | undefined): query is Query => query !== undefined && query.state.fetchStatus !== 'idle';

/** Runs once when what is on its way has come, or will not. */
function afterwards(queries: QueryClient, query: Query, run: (hasCome: boolean) => void): void {
  const unwatch = queries.getQueryCache().subscribe((event) => {
    if (event.query !== query) return;
    const isOver = event.type === 'removed' || (event.type === 'updated' && query.state.fetchStatus === 'idle');
    if (!isOver) return;
    unwatch();
    run(event.type === 'updated' && event.action.type === 'success');
  });
}

/** What was heard since it was asked. */
const heard = new WeakMap<Query, ((known: unknown) => unknown)[]>();

/** Takes what was just heard into what is known, and into the answer that is on its way: that may be older and would take it back. */
export function hear<Known>(queries: QueryClient, queryKey: QueryKey, taken: (known: Known) => Known): void {
  const take = (known: unknown) => (known === undefined ? undefined : taken(known as Known));
  const query = queries.getQueryCache().find({ queryKey, exact: true });
  queries.setQueryData(queryKey, take);
  if (!isAsking(query)) return;
  const waiting = heard.get(query);
  if (waiting) {
    waiting.push(take);
    return;
  }
  const news = [take];
  heard.set(query, news);
  afterwards(queries, query, (hasCome) => {
    heard.delete(query);
    if (hasCome) queries.setQueryData(queryKey, (known: unknown) => news.reduce((now, one) => one(now), known));
  });
}

const again = new WeakSet<Query>();

/** Asks anew all that begins with this key. What is already being asked is asked once more when its answer has come, not broken off. */
export function askAgain(queries: QueryClient, queryKey: QueryKey): void {
  for (const query of queries.getQueryCache().findAll({ queryKey })) {
    const one = { queryKey: query.queryKey, exact: true };
    if (!isAsking(query)) void queries.invalidateQueries(one);
    else if (!again.has(query)) {
      again.add(query);
      afterwards(queries, query, () => {
        again.delete(query);
        void queries.invalidateQueries(one);
      });
    }
  }
}
