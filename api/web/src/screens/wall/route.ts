import { createRoute } from '@tanstack/react-router';
import { Tv } from 'lucide-react';
import { guarded } from '../../app/parents';
import { screen } from '../../app/screen';

/** Which areas or work centers are shown, by comma, and for how many seconds each page. */
export interface WallSearch {
  areas?: string;
  every?: number;
}

const [QUICKEST_S, SLOWEST_S] = [3, 600];

export function readSearch({ areas, every }: Record<string, unknown>): WallSearch {
  const seconds = Number(every);
  const named = typeof areas === 'string' || typeof areas === 'number' ? String(areas).trim() : '';
  return {
    areas: named === '' ? undefined : named,
    every: seconds >= QUICKEST_S && seconds <= SLOWEST_S ? seconds : undefined,
  };
}

export const wall = createRoute({
  getParentRoute: () => guarded,
  path: 'wall',
  validateSearch: readSearch,
  staticData: { nav: { name: 'wall', icon: Tv, order: 80, needs: 'VIEW_SHOP' } },
  ...screen('wall', () => import('./Wall')),
});
