import { createRoute } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

export const members = createRoute({
  getParentRoute: () => shell,
  path: 'members',
  staticData: { nav: { name: 'members', icon: KeyRound, order: 85, needs: 'VIEW_MEMBERS' } },
  ...screen('members', () => import('./Members')),
});
