// What of the board is seen: it stands in the address.
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { usePast } from '../../api/moment';
import { MOST_SEEN } from '../../board/scale';
import { DAY, HOUR } from '../../board/types';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import { zoneOf } from '../../time/zone';
import { type BoardSearch, board as route } from './route';
import type { Window } from './useBoardData';

/** What is seen where the address says nothing: from this morning on, three days. */
export function useSeen(search: BoardSearch): Window {
  const { manner } = useFormat();
  const today = zoneOf(manner.zone).dayStart(useNow(HOUR));
  const past = usePast();
  const [first] = useState(today);
  // The day of an earlier moment is another one as that moves.
  const start = (past === undefined ? first : today) + 4 * HOUR;
  return useMemo(() => {
    if (search.from === undefined || search.until === undefined) return { from: start, until: start + 3 * DAY };
    const from = Date.parse(search.from);
    return { from, until: Math.min(Date.parse(search.until), from + MOST_SEEN) };
  }, [search.from, search.until, start]);
}

export type SetSearch = (change: Partial<BoardSearch>) => void;

export function useSearchState(): { search: BoardSearch; set: SetSearch } {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/board' });
  const set = useCallback(
    (change: Partial<BoardSearch>) => {
      // Another view is a step that the browser goes back from; where it is looked at is none.
      const isView = 'as' in change || 'by' in change || 'whatIf' in change;
      return void navigate({ search: (before) => ({ ...before, ...change }), replace: !isView });
    },
    [navigate],
  );
  return { search, set };
}
