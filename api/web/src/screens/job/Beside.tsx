import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { FileQuestion, Maximize2 } from 'lucide-react';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Sheet } from '../../app/Sheet';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { Commands } from './Commands';
import { JobView } from './JobView';
import css from './job.module.css';
import { useJob } from './useJob';

/** A job beside whatever is on the screen. */
export default function Beside({ number, close }: { number: string; close: () => void }) {
  return (
    <Suspense>
      <Panel number={number} close={close} />
    </Suspense>
  );
}

function Panel({ number, close }: { number: string; close: () => void }) {
  const { t } = useTranslation('job');
  const { data, error, refetch, isFetching } = useJob(number);
  return (
    <Sheet title={t('title', { number })} size={520} close={close}>
      {error && data === undefined ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : data === undefined || (data.job === null && isFetching) ? (
        <SkeletonRows rows={8} />
      ) : data.job === null ? (
        <Empty icon={FileQuestion} title={t('none', { number })} />
      ) : (
        <>
          <div className={css.besideActions}>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Maximize2 size={14} aria-hidden />}
              renderRoot={(props) => <Link {...props} to="/jobs/$number" params={{ number }} />}
            >
              {t('whole')}
            </Button>
            <Commands job={data.job} />
          </div>
          <JobView job={data.job} />
        </>
      )}
    </Sheet>
  );
}
