// Changes of the plan by hand: each says what it did and how it is taken back; a refusal keeps what was wanted, to be asked for otherwise.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import {
  BoardMoveDocument,
  BoardPinDocument,
  BoardTakeOutDocument,
  BoardUndoDocument,
  BoardUnpinDocument,
  BoardVersionDocument,
  type MoveOperationsInput,
  type PlanDoneFragment,
} from '../../api/generated/board';
import { ask, Refusal, Unreachable } from '../../api/query';
import { sayDone } from '../../app/undo';
import type { Place, Proposal } from '../../board/types';
import { DAY } from '../../board/types';
import { useFormat } from '../../time/useFormat';
import { type ByWhat, NOWHERE, type Planned, plannedKey } from './data';
import type { BoardStore } from './store';

export type Clash = PlanDoneFragment['conflicts'][number];

/** A move that was not done: what was wanted, and why not. */
export interface Refused {
  input: MoveOperationsInput;
  said: string;
  error: Refusal | Unreachable;
  conflicts: Clash[];
}

const split = (key: string): { jobId: string; operation: number } => {
  const at = key.lastIndexOf(':');
  return { jobId: key.slice(0, at), operation: Number(key.slice(at + 1)) };
};

/** The version of the plan that a change has made: of the jobs that it touched, as they are after it. */
async function versionOf(keys: readonly string[], around: number, position: string): Promise<number | undefined> {
  const [from, until] = [new Date(around - 200 * DAY).toISOString(), new Date(around + 199 * DAY).toISOString()];
  const { board } = await ask(BoardVersionDocument, { from, until, position });
  const touched = new Set(keys);
  const versions = [...board.bars, ...board.elsewhere].filter((bar) => touched.has(`${bar.job.id}:${bar.operation}`));
  return versions.length > 0 ? Math.max(...versions.map(({ planVersion }) => planVersion)) : undefined;
}

/** Moves; asked again under the same id where nobody answered. What was refused comes back with its conflicts. */
async function move(input: MoveOperationsInput): Promise<PlanDoneFragment> {
  const commandId = crypto.randomUUID();
  for (let tries = 1; ; tries += 1) {
    try {
      const { moveOperations } = await ask(BoardMoveDocument, { input: { ...input, commandId } });
      if (moveOperations == null) throw new Refusal('NOT_FOUND', 'there is no such command for you');
      return moveOperations;
    } catch (error) {
      if (!(error instanceof Unreachable) || tries === 3) throw error;
      await new Promise((over) => setTimeout(over, 300 * tries));
    }
  }
}

export function useMoves(store: BoardStore, by: ByWhat) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const queries = useQueryClient();
  const [refused, setRefused] = useState<Refused>();

  /** Where it would go in the words of the command; the other half of its place stays open where it changes lanes. */
  const moveOf = (place: Place): MoveOperationsInput['moves'][number] => {
    const planned = store.bars.get(place.key);
    const start = new Date(Math.round(place.start / 1_000) * 1_000).toISOString();
    const lane = place.lane === NOWHERE ? undefined : place.lane;
    if (by === 'MACHINE') {
      const stays = planned?.machine?.id === lane;
      return { ...split(place.key), start, machineId: lane, operatorId: stays ? planned?.operator?.id : undefined };
    }
    return { ...split(place.key), start, operatorId: lane, machineId: planned?.machine?.id };
  };

  const undoVersion = async (keys: readonly string[], around: number, answer: PlanDoneFragment, said: string) => {
    if (answer.position == null || answer.appended === 0) return;
    const version = await versionOf(keys, around, answer.position).catch(() => undefined);
    sayDone({ said, undo: version === undefined ? undefined : () => command(BoardUndoDocument, { version }) });
  };

  const request = async (input: MoveOperationsInput, said: string): Promise<boolean> => {
    const before = input.moves.flatMap(({ jobId, operation }) => store.bars.get(`${jobId}:${operation}`) ?? []);
    const fail = (error: Refusal | Unreachable, conflicts: Clash[]) => {
      store.expect(before);
      setRefused({ input, said, error, conflicts });
      return false;
    };
    try {
      const answer = await move(input);
      const [wrong] = answer.userErrors;
      if (wrong) return fail(new Refusal(wrong.code, wrong.message, wrong.field), answer.conflicts);
      setRefused(undefined);
      sayDone({ said });
      const keys = input.moves.map(({ jobId, operation }) => `${jobId}:${operation}`);
      await undoVersion(keys, Date.parse(input.moves[0]?.start ?? ''), answer, said);
      void queries.invalidateQueries({ queryKey: ['board', 'beside'] });
      return true;
    } catch (error) {
      if (error instanceof Refusal || error instanceof Unreachable) return fail(error, []);
      throw error;
    }
  };

  const wordsOf = (places: readonly Place[]): string => {
    const [first] = places;
    const planned = first && store.bars.get(first.key);
    if (places.length > 1 || first === undefined) return t('done.movedMany', { count: places.length });
    return t('done.moved', { what: planned ? nameOf(planned) : t('done.operation'), when: format.when(first.start, Date.now()) });
  };

  return {
    refused,
    forget: () => setRefused(undefined),
    drop: ({ places }: Proposal) => {
      const moved = places.flatMap((place) => {
        const planned = store.bars.get(place.key);
        return planned ? [expected(planned, place, by, store)] : [];
      });
      const asked = request({ moves: places.map(moveOf) }, wordsOf(places));
      store.expect(moved);
      return asked;
    },
    again: (more: Partial<MoveOperationsInput>) => (refused ? request({ ...refused.input, ...more }, refused.said) : undefined),
    move: (input: MoveOperationsInput, said: string) => request(input, said),
    pin: async (planned: Planned, reason: string) => {
      const operations = [split(plannedKey(planned))];
      await command(BoardPinDocument, { operations, reason });
      sayDone({ said: t('done.pinned', { what: nameOf(planned) }), undo: () => command(BoardUnpinDocument, { operations }) });
    },
    unpin: async (planned: Planned) => {
      const operations = [split(plannedKey(planned))];
      const reason = planned.pin?.reason ?? '';
      await command(BoardUnpinDocument, { operations });
      sayDone({ said: t('done.unpinned', { what: nameOf(planned) }), undo: () => command(BoardPinDocument, { operations, reason }) });
    },
    takeOut: async (planned: Planned) => {
      const key = plannedKey(planned);
      await command(BoardTakeOutDocument, { operations: [split(key)] });
      const back = { ...split(key), start: planned.start, machineId: planned.machine?.id, operatorId: planned.operator?.id };
      sayDone({ said: t('done.takenOut', { what: nameOf(planned) }), undo: () => command(BoardMoveDocument, { moves: [back] }) });
      void queries.invalidateQueries({ queryKey: ['board', 'beside'] });
    },
    afterwards: (answer: PlanDoneFragment, said: string) => {
      sayDone({ said });
      const keys = [...store.bars.keys()];
      return undoVersion(keys, Date.now(), answer, said);
    },
  };
}

export type Moves = ReturnType<typeof useMoves>;

export const nameOf = (planned: Planned): string => `${planned.job.code} · ${planned.operation} ${planned.name}`;

/** A bar where it was dropped, until Kilter tells where it is. */
function expected(planned: Planned, place: Place, by: ByWhat, store: BoardStore): Planned {
  const at = (instant: number) => new Date(instant).toISOString();
  const lane = store.lanes.find(({ machine, operator }) => (machine ?? operator)?.id === place.lane);
  const setup = Date.parse(planned.runStart) - Date.parse(planned.start);
  const there = by === 'MACHINE' ? { machine: lane?.machine ?? planned.machine } : { operator: lane?.operator ?? planned.operator };
  return { ...planned, ...there, start: at(place.start), runStart: at(Math.min(place.end, place.start + setup)), end: at(place.end) };
}
