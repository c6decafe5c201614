// From the tray to the board: by the pointer, or by the dialog.
import type { Board } from '../../board/board';
import { type Bar, HOUR } from '../../board/types';
import type { Planned } from './data';
import type { Unplanned } from './useUnplanned';

/** Follows the pointer from the tray until it is let go; Escape leaves it. */
export function takeFromTray(board: Board | null, bar: Bar, event: PointerEvent): void {
  if (board === null || event.button !== 0) return;
  event.preventDefault();
  const stop = new AbortController();
  const { signal } = stop;
  const over = (drop: boolean) => {
    stop.abort();
    board.drag.end(drop);
  };
  board.drag.beginOutside(bar);
  addEventListener(
    'pointermove',
    (moved) => {
      const { x, y } = board.toBody(moved.clientX, moved.clientY);
      board.drag.move(x, y);
    },
    { signal },
  );
  addEventListener('pointerup', () => over(true), { signal });
  addEventListener('pointercancel', () => over(false), { signal });
  addEventListener('keydown', (pressed) => pressed.key === 'Escape' && over(false), { signal });
}

/** What has no place yet, as if it began at the next full hour. */
export function asPlanned(job: Unplanned, operation: Unplanned['operations'][number]): Planned {
  const start = new Date(Math.ceil(Date.now() / HOUR) * HOUR).toISOString();
  return {
    job: job.job,
    operation: operation.number,
    name: operation.name,
    workCenter: operation.workCenter,
    machine: null,
    operator: null,
    start,
    runStart: start,
    end: start,
    pin: null,
    status: operation.status,
    jobStatus: 'PENDING',
    over: false,
    startedAt: null,
    finishedAt: null,
    good: '0',
    quantity: null,
    unit: '',
    due: job.due,
    late: false,
    planVersion: 0,
  };
}
