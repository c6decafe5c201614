import type { QueryClient, QueryKey } from '@tanstack/react-query';

/**
 * Takes what was just heard into what is known. An answer that is on its way may be older and would take it back: it is asked for anew.
 */
export function hear<Known>(queries: QueryClient, queryKey: QueryKey, taken: (known: Known) => Known): void {
  const onItsWay = queries.isFetching({ queryKey, exact: true }) > 0;
  queries.setQueryData<Known>(queryKey, (known) => known && taken(known));
  if (onItsWay) void queries.invalidateQueries({ queryKey, exact: true });
}
