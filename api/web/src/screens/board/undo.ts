// Changes of the plan taken back: what they are asked for by, and what is left to do where Kilter refuses.
import { command } from '../../api/command';
import { BoardUndoDocument, type PlanDoneFragment } from '../../api/generated/board';
import { Refusal } from '../../api/query';

/** The version of the plan that a change has made, where there is something to take back: what was so already made none. */
export const madeBy = ({ appended, planVersion }: PlanDoneFragment): number | undefined =>
  appended > 0 ? (planVersion ?? undefined) : undefined;

export interface UndoWish {
  version: number;
  partly?: boolean;
  reason?: string;
}

export const takeBack = (wish: UndoWish): Promise<PlanDoneFragment> => command(BoardUndoDocument, wish);

/** What stands in the way of single operations: the others can go back. */
const SINGLE = new Set(['PLAN_CHANGED', 'PLAN_IN_PAST', 'MACHINE_NOT_FOUND', 'OPERATOR_NOT_FOUND']);

/** What makes an undo possible that was refused: a part of it, a reason, or nothing but other policies. Else it can only be said. */
export function wayOut(error: unknown): 'partly' | 'reason' | 'none' | undefined {
  if (!(error instanceof Refusal)) return undefined;
  if (error.code === 'PLAN_REASON_NEEDED') return 'reason';
  if (error.code === 'PLAN_CONFLICTS') return 'none';
  return SINGLE.has(error.code) ? 'partly' : undefined;
}

interface Named {
  job: { code: string };
  number: number;
}

/** "4711 · 10, 4711 · 20"; the first of them, and how many more there are. */
export function named(operations: readonly Named[], most = 4): { first: string; more: number } {
  const all = [...new Set(operations.map(({ job, number }) => `${job.code} · ${number}`))];
  return { first: all.slice(0, most).join(', '), more: Math.max(0, all.length - most) };
}
