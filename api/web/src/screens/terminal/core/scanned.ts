// What becomes of something that was scanned at a terminal.
import { Refusal } from '../../../api/post';
import type { Job, Work } from './data';
import { isRefused } from './door';
import { doubtsOf, isSameNumber, kindOf, mayDoubt } from './scan';
import type { Seals } from './seal';
import { NeedsOwner } from './sender';
import type { Store } from './store';

/** Somebody is in by it, it is of what they have on the screen, it is a job, or neither. */
export type Scanned = { is: 'in' } | { is: 'own'; number: string } | { is: 'job'; job: Job } | { is: 'unknown'; number: string };

interface At {
  store: Store;
  seals: Seals;
  terminal: {
    readonly state: { work?: Work };
    now: () => number;
    job: (number: string) => Promise<Job | undefined>;
    enterByBadge: (badge: string) => Promise<void>;
  };
}

/**
 * Everything that is scanned goes through here, whichever way it was read: by a scanner that types, wherever the focus is, or by the camera.
 * (But for the code that pairs a tablet.) A badge that is known here comes in; what is built like the badges that came in here is asked for
 * as a badge, other things as the number of a job; and what may be either as a number first, then as a badge, a few times a day.
 * `own` are the numbers that are on the screen. What could not be asked is thrown.
 */
export async function scan(text: string, at: At, own: readonly string[] = []): Promise<Scanned> {
  const [scanned, { seals, terminal }] = [text.trim(), at];
  if (scanned === '') return { is: 'unknown', number: scanned };
  const isBadge = (await seals.ownerOf(scanned)) !== undefined;
  const kind = kindOf(scanned, { isBadge, forms: await seals.badgeForms(), numbers: [...own, ...(await numbersAt(at))] });
  if (kind === 'badge') {
    await terminal.enterByBadge(scanned);
    return { is: 'in' };
  }
  const number = own.find((one) => isSameNumber(one, scanned));
  if (number !== undefined) return { is: 'own', number };
  const job = await terminal.job(scanned).catch((error: unknown) => {
    // Who is here may not be let in any more: whose badge it is may be all the same.
    if (kind === 'number' || !(error instanceof Refusal || error instanceof NeedsOwner)) throw error;
    return undefined;
  });
  if (job !== undefined) return { is: 'job', job };
  return kind === 'either' && (await isBadgeAfterAll(scanned, at)) ? { is: 'in' } : { is: 'unknown', number: scanned };
}

/** Numbers of the jobs of all who have come in here. */
async function numbersAt({ store, terminal }: At): Promise<string[]> {
  const names = (await store.names()).filter((name) => name.startsWith('work:'));
  const works = await Promise.all(names.map((name) => store.get(`work:${name.slice('work:'.length)}`)));
  return [...works, terminal.state.work].flatMap((work) =>
    work === undefined ? [] : [...work.rows.map(({ job }) => job.code), ...Object.values(work.jobs).map(({ job }) => job.number)],
  );
}

/** What may be a label is not shown as a badge again and again: the server would have everybody's badge wait here. */
async function isBadgeAfterAll(scanned: string, { store, terminal }: At): Promise<boolean> {
  const doubts = doubtsOf(await store.get('doubts'), terminal.now());
  if (!mayDoubt(doubts)) return false;
  try {
    await terminal.enterByBadge(scanned);
    return true;
  } catch (error) {
    if (!isRefused(error, 'PIN_REFUSED')) throw error;
    await store.set('doubts', [...doubts, terminal.now()]);
    return false;
  }
}
