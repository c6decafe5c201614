import { createRouter, retainSearchParams } from '@tanstack/react-router';
import { queries } from '../api/queries';
import { FailedScreen } from './FailedScreen';
import { NotFound } from './NotFound';
import { PendingScreen } from './PendingScreen';
import { root } from './parents';
import { routeTree } from './routes';

root.update({ search: { middlewares: [retainSearchParams(['lang', 'at'])] } });

export const router = createRouter({
  routeTree,
  context: { queries },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  scrollRestoration: true,
  defaultErrorComponent: FailedScreen,
  defaultNotFoundComponent: NotFound,
  defaultPendingComponent: PendingScreen,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
