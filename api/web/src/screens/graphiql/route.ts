import { createRoute } from '@tanstack/react-router';
import { guarded } from '../../app/parents';
import { screen } from '../../app/screen';

export const graphiql = createRoute({
  getParentRoute: () => guarded,
  path: 'graphiql',
  ...screen('graphiql', () => import('./GraphiqlScreen')),
});
