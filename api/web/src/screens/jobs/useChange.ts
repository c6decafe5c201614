// Priority and date from within the list: done at once, told with Undo.
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import { JobFactsDocument, ListPromiseJobDocument, ListReviseJobDocument } from '../../api/generated/jobs';
import { ask, Refusal } from '../../api/query';
import { sayDone } from '../../app/undo';
import { useFormat } from '../../time/useFormat';
import type { ListedJob } from './data';

/** Gives a job another priority and leaves the rest as it is, whoever is changing that meanwhile. */
async function prioritize(id: string, priority: number): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    const { job } = await ask(JobFactsDocument, { id });
    if (job === null) throw new Refusal('JOB_NOT_FOUND', 'there is no such job any more');
    const { product, customer, quantity, unit, release, notes, revision } = job;
    const facts = { jobId: id, product, customer, quantity, unit, release, notes, priority, expectedRevision: revision };
    try {
      await command(ListReviseJobDocument, facts);
      return;
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'CONFLICT') || tried === 3) throw error;
    }
  }
}

export function useChange() {
  const { t } = useTranslation('jobs');
  const format = useFormat();
  return {
    priority: async ({ id, number, priority: before }: ListedJob, priority: number) => {
      if (priority === before) return;
      await prioritize(id, priority);
      sayDone({ said: t('done.priority', { number, before, after: priority }), undo: () => prioritize(id, before) });
    },
    due: async ({ id, number, due: before }: ListedJob, due: number) => {
      if (before !== null && Date.parse(before) === due) return;
      await command(ListPromiseJobDocument, { jobId: id, due: new Date(due).toISOString() });
      const said = t('done.due', { number, when: format.when(due, Date.now()) });
      // A first date cannot be taken back, only be moved.
      sayDone({ said, ...(before !== null && { undo: () => command(ListPromiseJobDocument, { jobId: id, due: before }) }) });
    },
  };
}

export type Change = ReturnType<typeof useChange>;
