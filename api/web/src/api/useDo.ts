// What is done here: without a command id where the API asks for none (what concerns people's ways in is done once by its nature).
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { sayDone } from '../app/undo';
import { ask, type Document, Refusal } from './query';

interface Payload {
  userErrors: { code: string; field?: string | null; message: string }[];
}

export async function doIt<Data extends Record<string, Payload | null | undefined> | object, Input>(
  document: Document<Data, { input: Input }>,
  input: Input,
): Promise<Data> {
  const data = await ask<Data, { input: Input }>(document, { input });
  const [payload]: (Payload | null | undefined)[] = Object.values(data);
  const refused = payload?.userErrors[0];
  if (refused !== undefined) throw new Refusal(refused.code, refused.message, refused.field);
  return data;
}

/** A change of who may come in: says what was done, and has the lists asked for anew. */
export function useDo<Data extends object, Input>(
  document: Document<Data, { input: Input }>,
  changes: readonly unknown[],
  said?: (input: Input) => string,
) {
  const queries = useQueryClient();
  return useMutation<Data, Error, Input>({
    mutationFn: (input) => doIt(document, input),
    onSuccess: (_, input) => {
      void queries.invalidateQueries({ queryKey: changes });
      if (said) sayDone({ said: said(input) });
    },
  });
}
