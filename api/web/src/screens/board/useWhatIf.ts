// What-ifs as they are asked for: all that people work on, and one with what it is worth.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { WhatIfDocument, type WhatIfQuery, WhatIfsDocument } from '../../api/generated/board';
import { ask } from '../../api/query';
import { keyOf } from '../../board/types';
import { allPages } from './all-pages';

export type WhatIf = NonNullable<WhatIfQuery['scenario']>;
export type Comparison = NonNullable<WhatIf['comparison']>;
export const WHAT_IFS = ['board', 'what-ifs'];

export const useWhatIfs = () =>
  useQuery({
    queryKey: WHAT_IFS,
    queryFn: ({ signal }) => allPages((after) => ask(WhatIfsDocument, { after }, signal).then(({ scenarios }) => scenarios)),
  }).data;

const keyOfWhatIf = (id: string | undefined) => ['board', 'beside', 'what-if', id];

/** Asks for it anew after a change of it, with what the change has made. */
export function useWhatIfAgain(id: string): (done: { position: string | null }) => Promise<void> {
  const queries = useQueryClient();
  return async ({ position }) => {
    const now = await ask(WhatIfDocument, { id, minPosition: position });
    queries.setQueryData(keyOfWhatIf(id), now);
  };
}

export function useWhatIf(id: string | undefined) {
  return useQuery({
    queryKey: keyOfWhatIf(id),
    queryFn: ({ signal }) => ask(WhatIfDocument, { id: id ?? '' }, signal),
    enabled: id !== undefined,
  });
}

/** The operations that a what-if has elsewhere. */
export function useMarked(whatIf: string | undefined): readonly string[] | undefined {
  const { data } = useWhatIf(whatIf);
  const operations = data?.scenario?.comparison?.operations;
  return useMemo(() => operations?.map(({ job, number }) => keyOf(job.id, number)), [operations]);
}
