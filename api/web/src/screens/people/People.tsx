import { Button, Checkbox, TextInput } from '@mantine/core';
import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, Search, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/session';
import { useKeys } from '../../app/keys';
import { Page } from '../../design/Page';
import { Panel } from '../../design/Panel';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { useNow } from '../../time/useNow';
import { CoverPanel, GapsPanel } from './Cover';
import { useNeeds, usePeople } from './data';
import { RegisterDialog } from './dialogs';
import { Matrix } from './Matrix';
import { gapsOf, isMeant, needsOf, skillsOf } from './model';
import { PersonBeside } from './PersonBeside';
import css from './people.module.css';
import { type PeopleSearch, readSearch } from './route';

/** Who there is, what they can do, and whether somebody is there who can. */
export default function People() {
  const { t } = useTranslation('people');
  const search = readSearch({ ...useSearch({ from: '/guarded/shell/people' }) });
  const navigate = useNavigate();
  const now = useNow(60_000);
  const mayChange = useMay()('MANAGE_OPERATORS');
  const { query, people, days } = usePeople(search.gone === true);
  const needs = useNeeds().data;
  const [adding, setAdding] = useState(false);
  const show = (next: PeopleSearch) =>
    void navigate({ to: '/people', search: ({ lang }) => ({ lang, ...next }), replace: true, resetScroll: false });
  const open = (code: string | undefined) =>
    void navigate({ to: '/people', search: ({ lang }) => ({ lang, ...search, person: code }), resetScroll: false });
  useKeys(mayChange ? [{ keys: 'n', does: t('add'), run: () => setAdding(true) }] : []);
  const wanted = needs ? needsOf(needs) : [];
  const skills = skillsOf(people ?? [], wanted);
  const meant = people?.filter((one) => isMeant(one, search.q)) ?? [];
  const person = people?.find(({ code }) => code === search.person);
  return (
    <Page
      title={t('title')}
      actions={
        mayChange && (
          <Button size="compact-md" leftSection={<Plus size={16} aria-hidden />} onClick={() => setAdding(true)}>
            {t('add')}
          </Button>
        )
      }
    >
      {query.error && people === undefined ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : people === undefined ? (
        <SkeletonRows rows={14} />
      ) : people.length === 0 && !search.gone ? (
        <Empty icon={Users} title={t('none')}>
          {t('noneWhy')}
        </Empty>
      ) : (
        <div className={css.screen}>
          {needs && <GapsPanel gaps={gapsOf(people, wanted, now)} isAll={needs.jobs.totalCount <= needs.jobs.edges.length} />}
          <Panel title={t('skills')} aside={t('skillsWhat')} flush>
            <div className={css.bar}>
              <TextInput
                size="xs"
                className={css.find}
                leftSection={<Search size={14} aria-hidden />}
                aria-label={t('find')}
                placeholder={t('find')}
                value={search.q ?? ''}
                onChange={({ currentTarget: { value } }) => show({ ...search, q: value || undefined })}
              />
              <Checkbox
                size="xs"
                label={t('withGone')}
                checked={search.gone === true}
                onChange={({ currentTarget: { checked } }) => show({ ...search, gone: checked ? true : undefined })}
              />
            </div>
            <Matrix people={meant} skills={skills} now={now} open={open} />
            {query.hasNextPage && (
              <p className={css.more}>
                <Button size="compact-sm" variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {t('more')}
                </Button>
              </p>
            )}
          </Panel>
          <CoverPanel people={people} skills={skills} days={days} />
        </div>
      )}
      {person && <PersonBeside person={person} close={() => open(undefined)} />}
      {adding && <RegisterDialog close={() => setAdding(false)} />}
    </Page>
  );
}
