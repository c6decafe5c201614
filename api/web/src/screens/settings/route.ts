import { createRoute } from '@tanstack/react-router';
import { Settings2 } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

export const settings = createRoute({
  getParentRoute: () => shell,
  path: 'settings',
  staticData: { nav: { name: 'settings', icon: Settings2, order: 90, needs: 'OWN_ACCOUNT' } },
  ...screen('settings', () => import('./Settings')),
});
