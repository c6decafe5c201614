// What routes hang on: `guarded` lets in who is signed in, `shell` puts the navigation around it.
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, Outlet } from '@tanstack/react-router';
import { sessionQuery } from '../api/session';
import { i18next } from '../i18n';
import { Guarded } from './Guarded';
import { NotFound, Nothing } from './NotFound';
import { Shell } from './Shell';

interface RouterContext {
  queries: QueryClient;
}

/** `lang` shows the app in a language, whatever was chosen, and `at` as of an earlier moment: an instant or a position. Both stay in the
    address from screen to screen. `job` is the one that is open beside. */
interface RootSearch {
  lang?: string;
  job?: string;
  at?: string | number;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined);

/** A position stands there as it is, not in quotes. */
const inAddress = (at: unknown) => (/^\d{1,15}$/.test(String(at)) ? Number(at) : text(at));

export const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: NotFound,
  validateSearch: ({ lang, job, at }: Record<string, unknown>): RootSearch => ({
    ...(text(lang) !== undefined && { lang: text(lang) }),
    ...(text(job) !== undefined && { job: text(job) }),
    ...(text(at) !== undefined && { at: inAddress(at) }),
  }),
});

/** Screens for who is signed in, without navigation: terminal, wall. */
export const guarded = createRoute({
  getParentRoute: () => root,
  id: 'guarded',
  // Who is not in is sent to sign in by the question itself, and comes back from there.
  beforeLoad: async ({ context }) => {
    await Promise.all([context.queries.ensureQueryData(sessionQuery), i18next.loadNamespaces(['app', 'design'])]);
  },
  component: Guarded,
});

/** Screens with the navigation around them. */
export const shell = createRoute({ getParentRoute: () => guarded, id: 'shell', component: Shell });

/** Whatever else the address says. */
export const nothing = createRoute({ getParentRoute: () => shell, path: '$', component: Nothing });
