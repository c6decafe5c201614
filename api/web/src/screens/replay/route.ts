import { createRoute } from '@tanstack/react-router';
import { Film } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';
import { readSearch } from './model';

export const replay = createRoute({
  getParentRoute: () => shell,
  path: 'replay',
  validateSearch: readSearch,
  staticData: { nav: { name: 'replay', icon: Film, order: 65, needs: 'VIEW_SHOP' } },
  ...screen('replay', () => import('./Replay')),
});
