import { QueryClient } from '@tanstack/react-query';
import { passes } from './query';

/** What the server has said so far. What nobody follows is asked anew when it is shown again. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (tried, error) => passes(error) && tried < 5,
      retryDelay: (tried) => Math.min(500 * 2 ** tried, 8_000),
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** How often what nobody has to touch asks again while it is not answered. */
const AGAIN_MS = 15_000;

/** For what has to be known wherever it is shown: asked again until it is answered, whatever was the matter; then `every` so many ms, or not. */
export const untilAnswered =
  (every?: number) =>
  ({ state: { status } }: { state: { status: string } }): number | false =>
    status === 'error' ? Math.min(AGAIN_MS, every ?? AGAIN_MS) : (every ?? false);
