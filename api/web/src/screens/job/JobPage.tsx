import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, FileQuestion } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../design/Page';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { Commands } from './Commands';
import { JobView } from './JobView';
import css from './job.module.css';
import { useJob } from './useJob';

/** All of a job on a page of its own. */
export default function JobPage() {
  const { t } = useTranslation('job');
  const { number } = useParams({ from: '/guarded/shell/jobs/$number' });
  const { data, error, refetch, isFetching } = useJob(number);
  return (
    <Page
      title={t('title', { number })}
      actions={
        <>
          <Link to="/jobs" className={css.back}>
            <ArrowLeft size={14} aria-hidden /> {t('all')}
          </Link>
          {data?.job && <Commands job={data.job} />}
        </>
      }
    >
      {error && data === undefined ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : data === undefined || (data.job === null && isFetching) ? (
        <SkeletonRows rows={14} />
      ) : data.job === null ? (
        <Empty icon={FileQuestion} title={t('none', { number })} />
      ) : (
        <JobView job={data.job} wide />
      )}
    </Page>
  );
}
