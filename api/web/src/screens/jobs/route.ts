import { createRoute } from '@tanstack/react-router';
import { ClipboardList } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';
import { readSearch } from './model';

export const jobs = createRoute({
  getParentRoute: () => shell,
  path: 'jobs',
  validateSearch: readSearch,
  staticData: { nav: { name: 'jobs', icon: ClipboardList, order: 30, needs: 'VIEW_SHOP' } },
  ...screen('jobs', () => import('./Jobs')),
});
