// How somebody likes the app: language, look, filters. On the device it is kept only for who has agreed to that; else until the tab is closed.
import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core';

const NAMES = { language: 'kilter-language', look: 'kilter-look', jobs: 'kilter-jobs' } as const;
type Name = keyof typeof NAMES;

let onDevice = Object.values(NAMES).some((name) => localStorage.getItem(name) !== null);

export function kept(name: Name): string | undefined {
  return sessionStorage.getItem(NAMES[name]) ?? localStorage.getItem(NAMES[name]) ?? undefined;
}

export function keep(name: Name, value: string): void {
  sessionStorage.setItem(NAMES[name], value);
  if (onDevice) localStorage.setItem(NAMES[name], value);
}

/** Whether it may be kept on the device: what was kept before goes with the agreement. */
export function mayKeepOnDevice(may: boolean): void {
  onDevice = may;
  for (const name of Object.values(NAMES)) {
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
