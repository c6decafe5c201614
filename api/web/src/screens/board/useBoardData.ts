import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useSeldom } from '../../api/following';
import { BoardDocument, BoardNewsDocument, type BoardQueryVariables } from '../../api/generated/board';
import { askAgain } from '../../api/news';
import { ask } from '../../api/query';
import { useLive } from '../../api/useLive';
import { DAY } from '../../board/types';
import type { ByWhat, Planned } from './data';
import { BoardStore, type Loaded } from './store';
import { useTrayAgain } from './useUnplanned';

export interface Window {
  from: number;
  until: number;
}

const MOST_DAYS = 92;
const WEEK = 7 * DAY;

/** What is asked for: the weeks that are seen and one on either side, so that a short pan asks nothing. At most 92 days have hours. */
export function toLoad({ from, until }: Window): Window {
  const first = Math.floor(from / WEEK) * WEEK - WEEK;
  const last = Math.ceil(until / WEEK) * WEEK + WEEK;
  return { from: first, until: Math.min(last, first + MOST_DAYS * DAY) };
}

/** All pages of lanes. The position is that of the first: what happened since is told twice rather than not. */
async function load(variables: BoardQueryVariables, signal: AbortSignal): Promise<Loaded> {
  const time = { start: Date.parse(variables.from), end: Date.parse(variables.until) };
  const loaded: Loaded = { lanes: [], bars: [], position: '', isPart: variables.lanes?.workCenterIds != null, time };
  for (let after: string | undefined; ; ) {
    const { board } = await ask(BoardDocument, { ...variables, after }, signal);
    loaded.lanes.push(...board.lanes);
    loaded.bars.push(...board.bars, ...board.elsewhere);
    loaded.position ||= board.position;
    after = board.pageInfo.endCursor ?? undefined;
    if (!board.pageInfo.hasNextPage || after === undefined) return loaded;
  }
}

export function useBoardData(window: Window, by: ByWhat, center: string | undefined) {
  const [store] = useState(() => new BoardStore());
  const { from, until } = toLoad(window);
  const [fromText, untilText] = [new Date(from).toISOString(), new Date(until).toISOString()];
  const queryKey = useMemo(() => ['board', 'window', fromText, untilText, by, center], [fromText, untilText, by, center]);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      const lanes = center === undefined || by === 'OPERATOR' ? {} : { workCenterIds: [center] };
      return load({ from: fromText, until: untilText, by, lanes }, signal);
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  useEffect(() => {
    if (data) store.load(data);
  }, [data, store]);
  return { store, loaded: data, error, refetch, after: isPlaceholderData ? undefined : data?.position, fromText, untilText };
}

/** Follows the window from where it was read on. */
export function useFollowed(store: BoardStore, from: string, until: string, after: string): void {
  const queries = useQueryClient();
  const beside = useSeldom(useCallback(() => askAgain(queries, ['board', 'beside']), [queries]));
  const lanes = useSeldom(useCallback(() => askAgain(queries, ['board', 'window']), [queries]));
  const tray = useTrayAgain();
  useLive(
    BoardNewsDocument,
    { from, until, after },
    {
      next: ({ boardChanged }) => {
        store.hear(boardChanged);
        if (boardChanged.lanesChanged) lanes();
        if (boardChanged.kind !== 'CHANGE') return;
        beside();
        tray();
      },
    },
  );
}

/** Looks at one bar as it changes. */
export function usePlanned(store: BoardStore, key: string | undefined): Planned | undefined {
  return useSyncExternalStore(store.watch, () => (key === undefined ? undefined : store.bars.get(key)));
}

export function useStoreVersion(store: BoardStore): number {
  return useSyncExternalStore(store.watch, () => store.version);
}
