// The floor as the wall shows it: asked once, then kept by live messages. What is planned is asked anew when it has changed, seldom.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useFollowed, useSeldom } from '../../api/following';
import {
  WallAheadDocument,
  WallCentersDocument,
  type WallCentersQuery,
  WallFloorChangedDocument,
  WallFloorDocument,
  type WallMachineFragment,
  WallPlanChangedDocument,
} from '../../api/generated/wall';
import { askAgain, hear } from '../../api/news';
import { untilAnswered } from '../../api/queries';
import { ask } from '../../api/query';
import { useNow } from '../../time/useNow';
import { withRows } from '../today/model';

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];
const AHEAD_DAYS = 2;
/** The plan of a busy shop changes by the second; from ten metres nobody sees that. */
const SELDOM_MS = 5_000;

interface Floor {
  machines: WallMachineFragment[];
  position: string;
}

/** All pages of machines. The position is that of the first: what happened since is told twice rather than not. */
async function loadFloor(signal: AbortSignal): Promise<Floor> {
  const floor: Floor = { machines: [], position: '' };
  for (let after: string | undefined; ; ) {
    const { machines } = await ask(WallFloorDocument, { after }, signal);
    floor.machines.push(...machines.edges.map(({ node }) => node));
    floor.position ||= machines.position;
    after = machines.pageInfo.endCursor ?? undefined;
    if (!machines.pageInfo.hasNextPage || after === undefined) return floor;
  }
}

const floorKey = ['wall', 'floor'];
const centersKey = ['wall', 'centers'];

export function useWallFloor() {
  const queries = useQueryClient();
  const floor = useQuery({
    queryKey: floorKey,
    queryFn: ({ signal }) => loadFloor(signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: untilAnswered(),
  });
  const centers = useQuery({
    queryKey: centersKey,
    queryFn: ({ signal }) => ask(WallCentersDocument, {}, signal),
    refetchInterval: untilAnswered(HOUR_MS),
  });
  useFollowed(WallFloorChangedDocument, {}, floor.data?.position, {
    restarted: () => askAgain(queries, ['wall']),
    next: ({ machineBoardChanged: { kind, machines, workCenters } }) => {
      if (kind === 'HEARTBEAT') return;
      hear<Floor>(queries, floorKey, (known) => ({ ...known, machines: withRows(known.machines, machines) }));
      if (workCenters.length > 0)
        hear<WallCentersQuery>(queries, centersKey, (known) => {
          const rows = withRows(
            known.workCenters.edges.map(({ node }) => node),
            workCenters,
          );
          return { workCenters: { edges: rows.map((node) => ({ node })) } };
        });
    },
  });
  return { floor, centers };
}

/** What comes next on each machine, and how many jobs are late. */
export function useAhead() {
  const queries = useQueryClient();
  const hour = useNow(HOUR_MS);
  const window = useMemo(() => ({ from: new Date(hour).toISOString(), until: new Date(hour + AHEAD_DAYS * DAY_MS).toISOString() }), [hour]);
  const again = useSeldom(
    useCallback(() => askAgain(queries, ['wall', 'ahead']), [queries]),
    SELDOM_MS,
  );
  const query = useQuery({
    queryKey: ['wall', 'ahead', window],
    queryFn: ({ signal }) => ask(WallAheadDocument, window, signal),
    // What is late becomes so by the clock, with no news of it.
    refetchInterval: MINUTE_MS,
    placeholderData: (before) => before,
    gcTime: MINUTE_MS,
  });
  useFollowed(WallPlanChangedDocument, window, query.data?.board.position, {
    restarted: again,
    next: ({ boardChanged: { kind } }) => {
      if (kind !== 'HEARTBEAT') again();
    },
  });
  return query;
}
