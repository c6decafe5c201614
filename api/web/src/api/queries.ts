import { QueryClient } from '@tanstack/react-query';
import { Refusal, Unreachable } from './query';

/** Whether it may be otherwise in a moment: nobody was reached, or Kilter has too much to do just now and says to ask again. */
const passes = (error: Error) => error instanceof Unreachable || (error instanceof Refusal && error.code === 'UNAVAILABLE');

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
