import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Board } from './board';
import type { Handlers } from './options';
import { barOf, laneOf, MONDAY } from './sample';
import { HOUR } from './types';

const at = (hours: number) => MONDAY + hours * HOUR;
const word = () => '';
let board: Board;

function made(on: Handlers = {}): Board {
  const host = document.createElement('div');
  document.body.append(host);
  host.getBoundingClientRect = () => new DOMRect(0, 0, 1_000, 400);
  const words = { hour: word, day: word, date: word, month: word };
  board = new Board(host, { zone: 'Europe/Tallinn', words, warn: word, mayMove: true, on });
  const bars = [barOf('1', 10, 'A', at(8), 2), barOf('2', 10, 'A', at(12), 2, { stays: true })];
  board.set([laneOf('A'), laneOf('B')], bars);
  board.show(at(0), at(24));
  return board;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  board.destroy();
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** The lane to which a bar goes that is dragged onto the second one. */
function draggedDown(key: string): string | undefined {
  const bar = board.model.bar(key);
  const other = board.layout.lane('B');
  if (bar === undefined || other === undefined) throw new Error('not there');
  board.drag.begin(bar, 400);
  board.drag.move(440, other.top + 5);
  board.flush();
  const lane = board.proposal?.places[0]?.lane;
  board.drag.end(false);
  return lane;
}

describe('a bar that is dragged', () => {
  it('goes to the lane under the hand', () => {
    made();
    expect(draggedDown('1:10')).toBe('B');
  });

  it('keeps its lane where it is done outside the house, by hand and by keys', () => {
    made();
    expect(draggedDown('2:10')).toBe('A');
    board.select(['2:10']);
    board.host.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', altKey: true }));
    expect(board.proposal?.places.map(({ lane, start }) => [lane, start])).toEqual([['A', at(12)]]);
    board.select(['1:10']);
    board.host.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', altKey: true }));
    expect(board.proposal?.places[0]?.lane).toBe('B');
  });

  it('stays in the hand while news of a machine come', () => {
    const proposed = vi.fn();
    made({ proposed });
    const bar = board.model.bar('1:10');
    if (bar) board.drag.begin(bar, 400);
    board.drag.move(440, 50);
    board.flush();
    board.setLane(laneOf('A', { state: 'down' }));
    board.flush();
    expect(board.drag.active).toBe(true);
    expect(board.model.bar('1:10')).toBe(bar);
    expect(board.layout.lane('A')?.lane.state).toBe('down');
    expect(proposed).toHaveBeenCalledTimes(1);
  });
});
