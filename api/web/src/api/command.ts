// Commands: a mutation with a command id that stays the same over retries, so that what was asked twice is done once. What the business
// refuses (userErrors) is thrown as a Refusal, like everything else that was not done.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { sayDone, type Undo } from '../app/undo';
import { answered, intentionOf } from './intention';
import { refusedInThePast } from './moment';
import type { InTheWay } from './post';
import { ask, type Document, Refusal, Unreachable } from './query';

interface Payload extends Partial<InTheWay> {
  userErrors: { code: string; field?: string | null; message: string }[];
}

/** What a mutation with one field answers, less null. */
type Done<Data> = NonNullable<Data[keyof Data]>;

/** Over about four seconds. */
const [TRIES, FIRST_PAUSE_MS] = [4, 300];

/** What was done; what was refused is thrown, and so is what there is not for who asks. */
export function payloadOf<Data extends object>(data: Data): Done<Data> {
  const [payload]: (Done<Data> | null | undefined)[] = Object.values(data);
  if (payload == null) throw new Refusal('NOT_FOUND', 'there is no such command for you');
  const { userErrors, operations = [], conflicts = [] } = payload as Partial<Payload>;
  const refused = userErrors?.[0];
  if (refused !== undefined) {
    const inTheWay = operations.length + conflicts.length > 0 ? { operations, conflicts } : undefined;
    throw new Refusal(refused.code, refused.message, refused.field, undefined, undefined, inTheWay);
  }
  return payload;
}

const pause = (ms: number): Promise<void> => new Promise((over) => setTimeout(over, ms));

/** Has a command done. Where nobody answers it is asked again under the same id, also by hand: it may have been done. Who looks back changes nothing. */
export async function command<Data extends object, Input extends object>(
  document: Document<Data, { input: Input }>,
  input: Input,
): Promise<Done<Data>> {
  const reason = refusedInThePast();
  if (reason !== undefined) throw new Refusal('LOOKING_BACK', reason);
  return commandNow(document, input);
}

/** The same also while an earlier moment is looked at: what concerns only who is in, such as how they like the app. */
export async function commandNow<Data extends object, Input extends object>(
  document: Document<Data, { input: Input }>,
  input: Input,
): Promise<Done<Data>> {
  const what = `${document} ${JSON.stringify(input)}`;
  const commandId = intentionOf(what);
  for (let tried = 1; ; tried += 1) {
    try {
      const data = await ask<Data, { input: Input }>(document, { input: { ...input, commandId } });
      answered(what);
      return payloadOf<Data>(data);
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        answered(what);
        throw error;
      }
      if (tried === TRIES) throw error;
    }
    await pause(FIRST_PAUSE_MS * 3 ** (tried - 1));
  }
}

export interface CommandOptions<Data, Input> {
  /** What the line at the foot of the screen says, and how it is taken back. It is used as it was when the command was asked for. */
  done?: (answer: Done<Data>, input: Input) => { said: string; undo?: Undo };
  /** Questions whose answers it changes, where nothing live tells of it. */
  changes?: readonly (readonly unknown[])[];
}

/** A command for a screen: `mutate(input)`, `isPending`, `error`. */
export function useCommand<Data extends object, Input extends object>(
  document: Document<Data, { input: Input }>,
  { done, changes = [] }: CommandOptions<Data, Input> = {},
) {
  const queries = useQueryClient();
  return useMutation<Done<Data>, Error, Input, typeof done>({
    mutationFn: (input) => command(document, input),
    // What is taken back is what was there when it was asked for: news may come before the answer, and a mutation has the newest options.
    onMutate: () => done,
    onSuccess: (answer, input, asked) => {
      for (const queryKey of changes) void queries.invalidateQueries({ queryKey });
      if (asked) sayDone(asked(answer, input));
    },
  });
}
