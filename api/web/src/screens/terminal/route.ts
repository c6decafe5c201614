import { createRoute } from '@tanstack/react-router';
import { root } from '../../app/parents';
import { screen } from '../../app/screen';

/** Nobody is signed in here as elsewhere in the app: the tablet is paired, and who works at it shows a PIN or a badge. */
export const terminal = createRoute({
  getParentRoute: () => root,
  path: 'terminal',
  ...screen('terminal', () => import('./Terminal')),
});
