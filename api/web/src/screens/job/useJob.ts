import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { JobBesideChangedDocument, JobBesideDocument, type JobBesideFragment, type JobBesideQuery } from '../../api/generated/job';
import { hear } from '../../api/news';
import { ask } from '../../api/query';
import { useLive } from '../../api/useLive';

export type Job = JobBesideFragment;

const jobQuery = (number: string) =>
  queryOptions({ queryKey: ['job', number], queryFn: ({ signal }) => ask(JobBesideDocument, { number }, signal), staleTime: 0 });

/** How often it is looked for while there is none. */
const AGAIN_MS = 2_000;

/** A job as it is: asked once, then followed. Looked for anew each time, and while it is shown: what was not there before may be there now. */
export function useJob(number: string) {
  const queries = useQueryClient();
  const query = useQuery({
    ...jobQuery(number),
    refetchOnMount: 'always',
    refetchInterval: ({ state }) => (state.data?.job === null ? AGAIN_MS : false),
  });
  const id = query.data?.job?.id;
  useLive(JobBesideChangedDocument, id === undefined ? undefined : { ids: [id] }, {
    next: ({ jobChanged: { kind, job: news } }) => {
      // The first message is the job as it is: what changed between the answer and it.
      if (kind === 'HEARTBEAT' || news == null) return;
      hear<JobBesideQuery>(queries, jobQuery(news.number).queryKey, () => ({ job: news }));
      void queries.invalidateQueries({ queryKey: ['why', news.id] });
      void queries.invalidateQueries({ queryKey: ['job-history', news.number] });
    },
  });
  return query;
}
