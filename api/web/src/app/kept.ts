// How somebody likes the app: language, look, filters. On the device it is kept only for who has agreed to that; else until the tab is closed.
import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core';

const NAMES = { language: 'kilter-language', look: 'kilter-look', keys: 'kilter-keys' } as const;
type Name = keyof typeof NAMES;

/** Filters have customers' names in them, and so have queries: they are of one person in one company. */
const OWN = ['jobs', 'graphiql'] as const;

export interface Owner {
  tenantId: string;
  actorId: string;
  /** Of what, if not of jobs. */
  of?: (typeof OWN)[number];
}

const nameOf = (name: Name | Owner): string =>
  typeof name === 'string' ? NAMES[name] : `kilter-${name.of ?? 'jobs'}-${name.tenantId}-${name.actorId}`;

let onDevice = Object.values(NAMES).some((name) => localStorage.getItem(name) !== null);
// It was everybody's once.
for (const storage of [localStorage, sessionStorage]) storage.removeItem('kilter-jobs');

/** What is kept of how the app is liked, or somebody's filters of jobs, or queries. */
export function kept(name: Name | Owner): string | undefined {
  return sessionStorage.getItem(nameOf(name)) ?? localStorage.getItem(nameOf(name)) ?? undefined;
}

export function keep(name: Name | Owner, value: string): void {
  sessionStorage.setItem(nameOf(name), value);
  if (onDevice) localStorage.setItem(nameOf(name), value);
}

/** Whether it may be kept on the device: what was kept of this person before goes with the agreement, what is another's stays. */
export function mayKeepOnDevice(may: boolean, owner: Owner): void {
  onDevice = may;
  for (const name of [...Object.values(NAMES), ...OWN.map((of) => nameOf({ ...owner, of }))]) {
    const value = sessionStorage.getItem(name);
    if (!may) localStorage.removeItem(name);
    else if (value !== null) localStorage.setItem(name, value);
  }
}

const isScheme = (value: string | undefined): value is MantineColorScheme => value === 'light' || value === 'dark' || value === 'auto';

/** Light and dark, as Mantine asks for it. */
export const schemes: MantineColorSchemeManager = {
  get: (otherwise) => {
    const value = kept('look');
    return isScheme(value) ? value : otherwise;
  },
  set: (value) => keep('look', value),
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};
