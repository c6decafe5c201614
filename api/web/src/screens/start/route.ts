import { createRoute } from '@tanstack/react-router';
import { shell } from '../../app/parents';
import { screen } from '../../app/screen';

export const start = createRoute({
  getParentRoute: () => shell,
  path: 'start',
  ...screen('start', () => import('./Start')),
});
