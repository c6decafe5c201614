// Changes of the plan by hand: each says what it did and how it is taken back; a refusal keeps what was wanted, to be asked for otherwise.
import { useQueryClient } from '@tanstack/react-query';
import { createElement, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import {
  BoardMoveDocument,
  BoardPinDocument,
  BoardTakeOutDocument,
  BoardUnpinDocument,
  type MoveOperationsInput,
  type PlanDoneFragment,
} from '../../api/generated/board';
import { Refusal, Unreachable } from '../../api/query';
import { type DoneLine, sayDone } from '../../app/undo';
import type { Place, Proposal } from '../../board/types';
import { useFormat } from '../../time/useFormat';
import { type ByWhat, NOWHERE, type Planned, plannedKey } from './data';
import type { BoardStore } from './store';
import { madeBy, takeBack, wayOut } from './undo';
import { UNPLANNED } from './useUnplanned';
import { useLeft } from './words';

const UndoDialog = lazy(() => import('./UndoDialog'));

/** What was not done: of a move also what was wanted, to be asked for otherwise. */
export interface Refused {
  input?: MoveOperationsInput;
  said: string;
  error: Refusal | Unreachable;
}

const split = (key: string): { jobId: string; operation: number } => {
  const at = key.lastIndexOf(':');
  return { jobId: key.slice(0, at), operation: Number(key.slice(at + 1)) };
};

export function useMoves(store: BoardStore, by: ByWhat) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const queries = useQueryClient();
  const left = useLeft();
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

  /** Says what a change of the plan did, with Undo. */
  const done = (answer: PlanDoneFragment, said: string) => {
    const version = madeBy(answer);
    sayDone({ said, ...(version !== undefined && undoOf(version, said)) });
    for (const queryKey of [['board', 'beside'], UNPLANNED]) void queries.invalidateQueries({ queryKey });
  };

  /** Takes a change back, and says that it did, and what stayed. */
  const back = async (version: number, said: string) => {
    const { operations } = await takeBack({ version });
    sayDone({ said: left(operations) ?? t('undo.done', { said }) });
    for (const queryKey of [['board', 'beside'], UNPLANNED]) void queries.invalidateQueries({ queryKey });
  };

  const undoOf = (version: number, said: string): Pick<DoneLine, 'undo' | 'otherwise'> => ({
    undo: () => back(version, said),
    otherwise: (error, close) => (wayOut(error) === undefined ? undefined : createElement(UndoDialog, { version, error, said, close })),
  });

  /** Does it; what is refused is shown with what stands in its way. */
  const attempt = async (work: () => Promise<unknown>, said: string, input?: MoveOperationsInput): Promise<boolean> => {
    try {
      await work();
      setRefused(undefined);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof Unreachable)) throw error;
      setRefused({ input, said, error });
      return false;
    }
  };

  const request = async (input: MoveOperationsInput, said: string): Promise<boolean> => {
    let made: number | undefined;
    const work = async () => {
      const answer = await command(BoardMoveDocument, input);
      made = madeBy(answer);
      done(answer, said);
    };
    try {
      return await attempt(work, said, input);
    } finally {
      store.settle(
        input.moves.map(({ jobId, operation }) => `${jobId}:${operation}`),
        made,
      );
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
    again: (more: Partial<MoveOperationsInput>) => (refused?.input ? request({ ...refused.input, ...more }, refused.said) : undefined),
    move: (input: MoveOperationsInput, said: string) => request(input, said),
    pin: async (planned: Planned, reason: string) => {
      const operations = [split(plannedKey(planned))];
      await command(BoardPinDocument, { operations, reason });
      sayDone({ said: t('done.pinned', { what: nameOf(planned) }), undo: () => command(BoardUnpinDocument, { operations }) });
    },
    // A pin moves nothing, so it makes no version of the plan: it is taken back by its opposite, as it was.
    unpin: (planned: Planned) => {
      const operations = [split(plannedKey(planned))];
      const [said, pin] = [t('done.unpinned', { what: nameOf(planned) }), planned.pin];
      const again = pin ? { operations, reason: pin.reason, until: pin.until } : undefined;
      const work = async () => {
        await command(BoardUnpinDocument, { operations });
        sayDone({ said, undo: again && (() => command(BoardPinDocument, again)) });
      };
      return attempt(work, said);
    },
    takeOut: (planned: Planned) => {
      const said = t('done.takenOut', { what: nameOf(planned) });
      const input = { operations: [split(plannedKey(planned))] };
      return attempt(async () => done(await command(BoardTakeOutDocument, input), said), said);
    },
    takeBack: back,
    done,
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
