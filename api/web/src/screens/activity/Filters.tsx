import { CloseButton, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ActivityPeopleDocument } from '../../api/generated/activity';
import { ask } from '../../api/query';
import css from './activity.module.css';
import { type ActivitySearch, KINDS } from './model';

/** Whose, of what, and when. */
export function Filters({ search, set }: { search: ActivitySearch; set: (change: Partial<ActivitySearch>) => void }) {
  const { t } = useTranslation('activity');
  const { data } = useQuery({
    queryKey: ['activity-people'],
    queryFn: ({ signal }) => ask(ActivityPeopleDocument, {}, signal),
    staleTime: 60_000,
  });
  const people = data?.members.edges.map(({ node }) => ({ value: node.id, label: node.name ?? t('unknown') })) ?? [];
  const isOther = search.who !== undefined && !people.some(({ value }) => value === search.who);
  const date = (field: 'from' | 'until') => (
    <label className={css.date}>
      <span>{t(field === 'from' ? 'from' : 'until')}</span>
      <input
        type="date"
        value={search[field] ?? ''}
        max={field === 'from' ? search.until : undefined}
        min={field === 'until' ? search.from : undefined}
        onChange={({ currentTarget: { value } }) => set({ [field]: value === '' ? undefined : value })}
      />
    </label>
  );
  return (
    <search className={css.filters} aria-label={t('filters')}>
      <NativeSelect
        size="xs"
        aria-label={t('who')}
        value={search.who ?? ''}
        data={[
          { value: '', label: t('everybody') },
          ...people,
          ...(isOther && search.who ? [{ value: search.who, label: t('somebody') }] : []),
        ]}
        onChange={({ currentTarget: { value } }) => set({ who: value === '' ? undefined : value })}
      />
      <NativeSelect
        size="xs"
        aria-label={t('what')}
        value={search.kind ?? ''}
        data={[{ value: '', label: t('everything') }, ...KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))]}
        onChange={({ currentTarget: { value } }) => set({ kind: KINDS.find((kind) => kind === value) })}
      />
      {date('from')}
      {date('until')}
      {search.thing !== undefined && (
        <span className={css.thing}>
          {t('only', { name: search.name ?? t('oneThing') })}
          <CloseButton size="xs" aria-label={t('all')} onClick={() => set({ thing: undefined, name: undefined })} />
        </span>
      )}
    </search>
  );
}
