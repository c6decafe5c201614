import { createRoute } from '@tanstack/react-router';
import { Gauge } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

export const today = createRoute({
  getParentRoute: () => shell,
  path: '/',
  staticData: { nav: { name: 'today', icon: Gauge, order: 10, needs: 'VIEW_SHOP' } },
  ...screen('today', () => import('./Today')),
});
