// What the tablet keeps no longer than it is needed.
import { type Entry, isWaiting, type Visit } from './entry';
import type { Tools } from './sender';
import type { KnownTerminal } from './store';

const HALF_A_DAY_MS = 43_200_000;

interface Needed {
  known?: KnownTerminal;
  visit?: Visit;
  entries: readonly Entry[];
}

/** What earlier lives of the page have left and nobody needs any more. Another tab may be at work: what is of the last hours stays. */
export async function tidy({ clock, seals, store }: Tools, { known, visit, entries }: Needed): Promise<void> {
  for (const name of await store.names()) {
    const [kind, id = ''] = name.split(':');
    if (kind === 'sealed' && id !== visit?.id && !entries.some((entry) => isWaiting(entry) && entry.visit.id === id)) {
      const sealed = await store.get(`sealed:${id}`);
      if (sealed === undefined || clock.now() - sealed.at > HALF_A_DAY_MS) await seals.forget(id);
    }
    if (kind === 'work' && known && !known.operators.some((one) => one.id === id)) await store.forget(`work:${id}`);
  }
}

/** What could let somebody in, and what was known of their work: for a tablet that is nobody's any more. */
export async function wipe({ seals, store }: Tools): Promise<void> {
  await seals.forgetAll();
  for (const name of await store.names()) {
    if (name.startsWith('work:')) await store.forget(`work:${name.slice(5)}`);
    if (name.startsWith('badge:')) await store.forget(`badge:${name.slice(6)}`);
  }
  for (const name of ['session', 'badgeForms', 'doubts'] as const) await store.forget(name);
  await store.forget('terminal');
}
