// Where somebody stands on the time line. The address says it, but only a moment after a key was pressed, and keys come faster: what the
// address still says of the key before must not lead back. Pure, so that tests can hold it.
import type { Standing } from './model';

export interface Place extends Standing {
  /** What the address said last. */
  said?: string;
  /** What was asked of the address and is not said by it yet, the oldest first. */
  sent: readonly string[];
}

/** A key or a hand led there; the address is to say `to`. */
export const sentTo = ({ said, sent }: Place, standing: Standing, to: string): Place => ({
  ...standing,
  ...(said !== undefined && { said }),
  sent: [...sent, to],
});

/** The address says `said`, which lies at `at` as far as is known. */
export function arrived(place: Place, said: string, at: number): Place {
  const known = place.sent.lastIndexOf(said);
  // What is sent is exact, where the answer to what lies there may still be that of the moment before.
  if (known !== -1) return { ...place, said, sent: place.sent.slice(known + 1) };
  // The address has not moved, it is only known better; or it has, by link, back or forward, and nobody is on the way.
  if (said === place.said && place.sent.length > 0) return place;
  return { at, ...(/^\d+$/.test(said) && { position: said }), said, sent: [] };
}
