import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { JobWhyLateDocument } from '../../api/generated/job';
import { ask } from '../../api/query';
import { useFormat } from '../../time/useFormat';
import { Part } from './JobView';
import css from './job.module.css';
import { type Share, shares } from './why';

/** What its time went into, and goes into as it is planned: in sentences, the most of it first. */
export function Why({ jobId }: { jobId: string }) {
  const { t } = useTranslation('job');
  const { roughly } = useFormat();
  const { data } = useQuery({ queryKey: ['why', jobId], queryFn: ({ signal }) => ask(JobWhyLateDocument, { jobId }, signal) });
  const why = data?.whyLate;
  if (why == null || why.stretches.length === 0) return null;
  const all = (Date.parse(why.end) - Date.parse(why.release)) / 1_000;
  return (
    <Part title={why.lateSeconds > 0 ? t('why.late', { time: roughly(why.lateSeconds) }) : t('why.title')}>
      <ul className={css.why}>
        {shares(why.stretches).map((share) => (
          <li key={share.cause}>
            <span>
              <Sentence share={share} />
            </span>
            <span className={css.bar} aria-hidden>
              <span className={isWork(share) ? css.work : css.wait} style={{ width: `${(100 * share.seconds) / all}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

const isWork = ({ cause }: Share): boolean => cause === 'RUN' || cause === 'SETUP' || cause === 'DONE';

function Sentence({ share: { cause, seconds, places, jobs } }: { share: Share }) {
  const { t } = useTranslation('job');
  const { roughly, manner } = useFormat();
  const list = new Intl.ListFormat(manner.locale, { type: 'conjunction' });
  const named = (all: string[]) => list.format(all.length > 3 ? [...all.slice(0, 3), t('because.others', { count: all.length - 3 })] : all);
  const [time, place] = [roughly(seconds), places.length > 0 ? named(places) : t('because.unnamed')];
  if (jobs.length > 0 && (cause === 'MACHINE_BUSY' || cause === 'OPERATOR_BUSY')) {
    return t('because.busyWith', { time, place, jobs: named(jobs) });
  }
  return t(`because.${cause}`, { time, place });
}
