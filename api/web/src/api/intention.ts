// What somebody has asked for and nobody has answered: whoever presses again within a minute means the same, and asks under the same id. It
// may have been done already, and is not done twice then.

const MINUTE = 60_000;
const unanswered = new Map<string, { id: string; at: number }>();

/** Under which id this is asked for. `what` says all of it. */
export function intentionOf(what: string): string {
  const now = Date.now();
  for (const [other, { at }] of unanswered) if (now - at > MINUTE) unanswered.delete(other);
  const id = unanswered.get(what)?.id ?? crypto.randomUUID();
  unanswered.set(what, { id, at: now });
  return id;
}

/** It was answered: the same again is another thing. */
export const answered = (what: string): void => void unanswered.delete(what);
