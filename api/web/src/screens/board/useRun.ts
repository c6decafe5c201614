// A run of the optimiser as it gets better: how far it is, what it was worth before, and where it would put things.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { PlanFoundDocument, PlanNewsDocument, type RunStateFragment } from '../../api/generated/board';
import { follow } from '../../api/live';
import { ask } from '../../api/query';
import { keyOf, type Place } from '../../board/types';
import type { ByWhat } from './data';
import type { Window } from './useBoardData';

export type RunState = RunStateFragment;

export interface Worth {
  ms: number;
  score: number;
}

export const isAtWork = (run: RunState | undefined): boolean => run?.state === 'RUNNING' || run?.state === 'WAITING';

/** Follows a run; its objective over time is kept for the chart. `lost` is called where there is no such run any more. */
export function useRun(id: string | undefined, lost: () => void) {
  const [run, setRun] = useState<RunState>();
  const [worth, setWorth] = useState<Worth[]>([]);
  const hear = useEffectEvent((next: RunState) => {
    setRun(next);
    const { objective, elapsedMs } = next;
    if (objective) setWorth((before) => [...before.slice(-600), { ms: elapsedMs, score: objective.score }]);
  });
  const fail = useEffectEvent(lost);
  useEffect(() => {
    setRun(undefined);
    setWorth([]);
    if (id === undefined) return;
    return follow(PlanNewsDocument, { run: id }, { next: ({ planProgress }) => hear(planProgress), failed: () => fail() });
  }, [id]);
  return { run, worth };
}

const NONE: Place[] = [];

/** Where the best plan so far puts what is in sight. */
export function useGhosts(run: RunState | undefined, by: ByWhat, { from, until }: Window, shown: boolean): Place[] {
  const id = run?.id;
  const { data } = useQuery({
    queryKey: ['board', 'ghosts', id, run?.objective?.score, from, until],
    queryFn: ({ signal }) =>
      ask(PlanFoundDocument, { id: id ?? '', from: new Date(from).toISOString(), to: new Date(until).toISOString() }, signal),
    enabled: shown && id !== undefined && run?.objective != null,
    placeholderData: (before) => before,
    gcTime: 0,
  });
  if (!shown || id === undefined) return NONE;
  const places = data?.planningRun?.bars.flatMap((bar) => {
    const lane = (by === 'MACHINE' ? bar.machine : bar.operator)?.id;
    if (lane === undefined) return [];
    return [{ key: keyOf(bar.job.id, bar.operation), lane, start: Date.parse(bar.start), end: Date.parse(bar.end) }];
  });
  return places ?? NONE;
}
