import { createRoute } from '@tanstack/react-router';
import { SquareKanban } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

/** What stands beside it. */
export type Panel = 'tray' | 'auto' | 'changes';
const PANELS: readonly string[] = ['tray', 'auto', 'changes'] satisfies Panel[];
const isPanel = (value: unknown): value is Panel => typeof value === 'string' && PANELS.includes(value);

/** What of the board is seen: it can be sent to a colleague. */
export interface BoardSearch {
  from?: string;
  until?: string;
  by?: 'operators';
  center?: string;
  as?: 'table';
  bar?: string;
  whatIf?: string;
  panel?: Panel;
  /** The search for a plan that is followed, and the what-if that it is of where it is not of the plan: so it is there after a reload. */
  run?: string;
  runOf?: string;
  /** From where a search lays work out, where that is not forward. */
  direction?: 'backward';
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const instant = (value: unknown): string | undefined => (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined);

/** What is not understood is as if it were not there: an old or mistyped link still shows the board. */
export function readSearch(search: Record<string, unknown>): BoardSearch {
  const [from, until] = [instant(search['from']), instant(search['until'])];
  const whole = from !== undefined && until !== undefined && Date.parse(from) < Date.parse(until);
  return {
    from: whole ? from : undefined,
    until: whole ? until : undefined,
    by: search['by'] === 'operators' ? 'operators' : undefined,
    center: text(search['center']),
    as: search['as'] === 'table' ? 'table' : undefined,
    bar: text(search['bar']),
    whatIf: text(search['whatIf']),
    panel: isPanel(search['panel']) ? search['panel'] : undefined,
    run: text(search['run']),
    runOf: text(search['runOf']),
    direction: search['direction'] === 'backward' ? 'backward' : undefined,
  };
}

export const board = createRoute({
  getParentRoute: () => shell,
  path: 'board',
  validateSearch: readSearch,
  staticData: { nav: { name: 'board', icon: SquareKanban, order: 20, needs: 'VIEW_SHOP' } },
  ...screen('board', () => import('./Board')),
});
