// The canvas on its place in the page: gives the board what Kilter tells, and hears what people do.
import { useMantineColorScheme } from '@mantine/core';
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Board } from '../../board/board';
import type { Wording } from '../../board/frame';
import { Model } from '../../board/model';
import type { Handlers } from '../../board/options';
import type { Bar, Lane, Place, Proposal } from '../../board/types';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './board.module.css';
import { type ByWhat, elsewhereLane, type LaneWords, NOWHERE, type Planned, toBar, toLane } from './data';
import { OwnViews } from './own-views';
import type { BoardStore, Change } from './store';
import type { Window } from './useBoardData';

/** What tests and readers of the screen find at the element of the board. */
export interface BoardPlace extends HTMLDivElement {
  board?: Board;
}

const NONE: readonly string[] = [];

export function useWording(): Wording {
  const { manner } = useFormat();
  const { locale, zone } = manner;
  const made = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: 'h23', ...options });
    return (at: number) => format.format(at);
  };
  return {
    hour: made({ hour: '2-digit', minute: '2-digit' }),
    day: made({ weekday: 'short', day: 'numeric', month: 'short' }),
    date: made({ weekday: 'short', day: 'numeric' }),
    month: made({ month: 'long', year: 'numeric' }),
  };
}

export function useLaneWords(): LaneWords {
  const { t } = useTranslation('board');
  const { t: design } = useTranslation('design');
  return {
    machine: (status) => design(`machine.${status}`),
    atWork: t('lane.atWork'),
    free: t('lane.free'),
    elsewhere: t('lane.elsewhere'),
  };
}

/** Lanes as they are drawn, with one for what has none where there is any. */
export function lanesOf(store: BoardStore, by: ByWhat, words: LaneWords): Lane[] {
  const lanes = store.lanes.flatMap((lane) => toLane(lane, words) ?? []);
  const lacks = [...store.bars.values()].some((bar) => (by === 'MACHINE' ? bar.machine : bar.operator) == null);
  return lacks ? [...lanes, elsewhereLane(words)] : lanes;
}

/** The same without a canvas: what the table checks moves by. */
export function modelOf(store: BoardStore, by: ByWhat, words: LaneWords): Model {
  const model = new Model();
  const bars = [...store.bars.values()].map((planned) => toBar(planned, by));
  model.set(lanesOf(store, by, words), bars, store.time);
  return model;
}

export interface CanvasProps {
  store: BoardStore;
  by: ByWhat;
  window: Window;
  mayMove: boolean;
  warn: (proposal: Proposal) => string;
  tell: (planned: Planned) => readonly [name: string, said: string];
  on: Handlers;
  ghosts: readonly Place[];
  marked?: readonly string[];
  holder: RefObject<Board | null>;
  described: string;
}

/** Another `by` is another board: it is made anew by its key. */
export function Canvas({ store, by, window: seen, mayMove, warn, tell, on, ghosts, marked = NONE, holder, described }: CanvasProps) {
  const { t } = useTranslation('board');
  const place = useRef<BoardPlace>(null);
  const { colorScheme } = useMantineColorScheme();
  const { manner } = useFormat();
  const words = useWording();
  const laneWords = useLaneWords();
  const now = useNow(30_000);
  const [own] = useState(() => new OwnViews());
  const viewed = (from: number, until: number) => {
    own.wrote({ from, until });
    on.viewed?.(from, until);
  };
  const told = ({ key }: Bar) => {
    const planned = store.bars.get(key);
    return planned && tell(planned);
  };
  const options = { zone: manner.zone, words, warn, tell: told, mayMove, on: { ...on, viewed } };
  const make = useEffectEvent((host: HTMLElement) => new Board(host, options));
  const all = useEffectEvent((board: Board) => {
    const bars = [...store.bars.values()].map((planned) => toBar(planned, by));
    board.set(lanesOf(store, by, laneWords), bars, store.time);
  });
  const some = useEffectEvent((board: Board, { bars, gone, lanes }: Exclude<Change, 'all'>) => {
    const drawn = bars.map((planned) => toBar(planned, by));
    if (drawn.some(({ lane }) => lane === NOWHERE) && board.model.lane(NOWHERE) === undefined) {
      all(board);
      return;
    }
    for (const lane of lanes.flatMap((raw) => toLane(raw, laneWords) ?? [])) board.setLane(lane);
    board.patch(drawn, gone);
  });
  const start = useEffectEvent((board: Board) => {
    board.setNow(now);
    board.setGhosts(ghosts);
    board.setMarked(marked);
    board.show(seen.from, seen.until);
  });

  useEffect(() => {
    const host = place.current;
    if (host === null) return;
    const board = make(host);
    host.board = board;
    holder.current = board;
    all(board);
    start(board);
    const leave = store.watch((change) => (change === 'all' ? all(board) : some(board, change)));
    return () => {
      leave();
      board.destroy();
      holder.current = null;
      host.board = undefined;
    };
  }, [store, holder]);

  useEffect(() => {
    if (holder.current) holder.current.options = options;
  });
  useEffect(() => holder.current?.setNow(now), [now, holder]);
  useEffect(() => holder.current?.setGhosts(ghosts), [ghosts, holder]);
  useEffect(() => holder.current?.setMarked(marked), [marked, holder]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are those of the page, which change with the scheme
  useEffect(() => {
    const timer = requestAnimationFrame(() => holder.current?.readColours());
    return () => cancelAnimationFrame(timer);
  }, [colorScheme, holder]);
  useEffect(() => {
    const view = { from: seen.from, until: seen.until };
    // What the board itself told is where it was: the hand may be further by now.
    if (!own.has(view)) holder.current?.show(view.from, view.until);
  }, [seen.from, seen.until, own, holder]);

  return (
    <div
      ref={place}
      className={css.canvas}
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys are those of the board
      tabIndex={0}
      aria-label={t('canvas.name')}
      aria-describedby={described}
      aria-roledescription={t('canvas.role')}
      data-board
    />
  );
}
