// What scripts/bench-board.js drives: a board of made-up bars, and how long its frames take.
import '../src/design/tokens.css';
import { Board } from '../src/board/board';
import { MONDAY, sampleShop } from '../src/board/sample';
import { DAY, HOUR } from '../src/board/types';

const host = document.getElementById('board');
if (host === null) throw new Error('no place for the board');
host.tabIndex = 0;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Tallinn' });
const date = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'Europe/Tallinn' });
const board = new Board(host, {
  zone: 'Europe/Tallinn',
  mayMove: true,
  warn: ({ conflicts }) => conflicts.map(({ kind }) => kind).join(', '),
  words: {
    hour: (at) => clock.format(at),
    day: (at) => date.format(at),
    date: (at) => date.format(at),
    month: (at) => date.format(at),
  },
  on: {},
});

/** Paints `bars` bars so that nearly all of them are in sight at once. */
function fill(bars: number): number {
  const { lanes, bars: all } = sampleShop(bars, bars > 5_000 ? 500 : 100);
  board.set(lanes, all);
  board.setNow(MONDAY + 9 * HOUR);
  board.show(MONDAY, MONDAY + (bars > 5_000 ? 24 : 9) * DAY);
  board.flush();
  return board.hits().length;
}

declare global {
  interface Window {
    bench: { board: Board; fill: typeof fill };
  }
}
window.bench = { board, fill };
