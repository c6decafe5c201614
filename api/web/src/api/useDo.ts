// What is done here: without a command id where the API asks for none (what concerns people's ways in is done once by its nature).
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { sayDone } from '../app/undo';
import { payloadOf } from './command';
import { ask, type Document } from './query';

export async function doIt<Data extends object, Input>(document: Document<Data, { input: Input }>, input: Input): Promise<Data> {
  const data = await ask<Data, { input: Input }>(document, { input });
  payloadOf(data);
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
