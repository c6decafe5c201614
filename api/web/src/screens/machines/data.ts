import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  MachinesChangedDocument,
  MachinesFloorDocument,
  type MachinesFloorQuery,
  MachinesToolsDocument,
} from '../../api/generated/machines';
import { hear } from '../../api/news';
import { ask } from '../../api/query';
import { useLive } from '../../api/useLive';
import { withRows } from './model';

const floorQuery = queryOptions({ queryKey: ['machines', 'floor'], queryFn: ({ signal }) => ask(MachinesFloorDocument, {}, signal) });

/** Machines and work centers as they are, followed. */
export function useFloor() {
  const queries = useQueryClient();
  const query = useQuery(floorQuery);
  const position = query.data?.machines.position;
  const [first, setFirst] = useState(position);
  if (first === undefined && position !== undefined) setFirst(position);
  useLive(MachinesChangedDocument, first === undefined ? undefined : { after: first }, {
    restarted: () => void queries.invalidateQueries({ queryKey: ['machines'] }),
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
