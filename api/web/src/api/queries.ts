import { QueryClient } from '@tanstack/react-query';
import { Unreachable } from './query';

/** What the server has said so far. What nobody follows is asked anew when it is shown again. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (tried, error) => error instanceof Unreachable && tried < 5,
      retryDelay: (tried) => Math.min(500 * 2 ** tried, 8_000),
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
