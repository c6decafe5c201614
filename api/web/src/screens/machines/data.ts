import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useFollowed } from '../../api/following';
import {
  MachinesChangedDocument,
  MachinesFloorDocument,
  type MachinesFloorQuery,
  MachinesToolsDocument,
} from '../../api/generated/machines';
import { askAgain, hear } from '../../api/news';
import { ask } from '../../api/query';
import { withRows } from './model';

const floorQuery = queryOptions({ queryKey: ['machines', 'floor'], queryFn: ({ signal }) => ask(MachinesFloorDocument, {}, signal) });

/** Machines and work centers as they are, followed. */
export function useFloor() {
  const queries = useQueryClient();
  const query = useQuery(floorQuery);
  useFollowed(MachinesChangedDocument, {}, query.data?.machines.position, {
    restarted: () => askAgain(queries, ['machines']),
    next: ({ machineBoardChanged: { kind, machines, workCenters } }) => {
      if (kind === 'HEARTBEAT') return;
      const nodes = <Row extends { id: string }>(all: { edges: { node: Row }[] }, news: readonly Row[]) =>
        withRows(
          all.edges.map(({ node }) => node),
          news,
        ).map((node) => ({ node }));
      hear<MachinesFloorQuery>(queries, floorQuery.queryKey, (known) => ({
        machines: { ...known.machines, edges: nodes(known.machines, machines) },
        workCenters: { ...known.workCenters, edges: nodes(known.workCenters, workCenters) },
      }));
    },
  });
  return query;
}

export const useTools = () =>
  useQuery({ queryKey: ['machines', 'tools'], queryFn: ({ signal }) => ask(MachinesToolsDocument, {}, signal) });

/** What changes when something of the floor is set up. */
export const FLOOR = [['machines'], ['job-choices'], ['calendar-keepers']] as const;
