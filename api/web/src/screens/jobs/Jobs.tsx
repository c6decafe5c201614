import { Button, Loader } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ClipboardList, Plus, RefreshCw, SearchX } from 'lucide-react';
import { useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/session';
import { useKeys } from '../../app/keys';
import { Page } from '../../design/Page';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { useJobs } from './data';
import { Filters } from './Filters';
import css from './jobs.module.css';
import { type JobsSearch, readSearch, sortedBy } from './model';
import { Table } from './Table';

export default function Jobs() {
  const { t } = useTranslation('jobs');
  const asked = useSearch({ from: '/guarded/shell/jobs' });
  const [open, search] = [asked.job, readSearch({ ...asked })];
  const navigate = useNavigate();
  const may = useMay();
  const field = useRef<HTMLInputElement>(null);
  const { query, rows, total, moved, again } = useJobs(search);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const show = (next: JobsSearch) => void navigate({ to: '/jobs', search: ({ lang, job }) => ({ lang, job, ...next }), replace: true });
  useKeys([
    { keys: '/', does: t('keys.find'), run: () => field.current?.focus() },
    ...(may('MANAGE_JOBS') ? [{ keys: 'n', does: t('keys.new'), run: () => void navigate({ to: '/jobs/new' }) }] : []),
  ]);
  const isNarrowed = search.q !== undefined || search.until !== undefined || search.show !== undefined;
  return (
    <Page
      fill
      title={t('title')}
      actions={
        may('MANAGE_JOBS') && (
          <Button size="compact-md" component={Link} to="/jobs/new" leftSection={<Plus size={16} aria-hidden />}>
            {t('new')}
          </Button>
        )
      }
    >
      <Filters search={search} show={show} field={field} total={query.data && total} />
      {moved > 0 && (
        <p role="status" className={css.moved}>
          {t('moved', { count: moved })}
          <Button size="compact-xs" variant="default" leftSection={<RefreshCw size={12} aria-hidden />} onClick={again}>
            {t('again')}
          </Button>
        </p>
      )}
      {query.error && query.data === undefined ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={16} />
      ) : total === 0 ? (
        isNarrowed ? (
          <Empty
            icon={SearchX}
            title={t('noneFound')}
            action={
              <Button variant="default" size="xs" onClick={() => show({})}>
                {t('showOpen')}
              </Button>
            }
          >
            {t('noneFoundWhy')}
          </Empty>
        ) : (
          <Empty icon={ClipboardList} title={t('none')}>
            {t('noneWhy')}
          </Empty>
        )
      ) : (
        <div className={css.list} aria-busy={query.isPlaceholderData}>
          {query.isPlaceholderData && <Loader size="xs" className={css.loader} aria-label={t('loading')} />}
          <Table
            key={JSON.stringify(search)}
            rows={rows}
            total={total}
            sort={search.sort ?? 'due'}
            down={search.down === true}
            turn={(sort) => show(sortedBy(search, sort))}
            more={hasNextPage && !isFetchingNextPage ? more : undefined}
            open={open}
          />
        </div>
      )}
    </Page>
  );
}
