import { createRoute } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';
import { readSearch } from './model';

export const activity = createRoute({
  getParentRoute: () => shell,
  path: 'activity',
  validateSearch: readSearch,
  staticData: { nav: { name: 'activity', icon: ScrollText, order: 60, needs: 'VIEW_ACTIVITY' } },
  ...screen('activity', () => import('./Activity')),
});
