import { ActionIcon, CloseButton, TextInput, UnstyledButton } from '@mantine/core';
import { Bookmark, BookmarkCheck, Search } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../time/useFormat';
import { useCounts } from './data';
import css from './jobs.module.css';
import { type JobsSearch, SHOWN, type Shown } from './model';
import { useSaved } from './saved';

const WAIT_MS = 200;

interface FiltersProps {
  search: JobsSearch;
  show: (search: JobsSearch) => void;
  field: RefObject<HTMLInputElement | null>;
  total?: number;
}

/** What is shown: the filters that everybody has, own ones, words, and until when it is due. */
export function Filters({ search, show, field, total }: FiltersProps) {
  const { t } = useTranslation('jobs');
  const { amount } = useFormat();
  const counts = useCounts();
  const shown: Shown = search.show ?? 'open';
  const { show: _, ...rest } = search;
  const countOf = (one: Shown): number | undefined => (one === 'closed' || one === 'all' ? undefined : counts?.[one].totalCount);
  return (
    <div className={css.filters}>
      <ul className={css.shown} aria-label={t('filters')}>
        {SHOWN.map((one) => (
          <li key={one}>
            <UnstyledButton
              className={css.filter}
              aria-pressed={one === shown}
              onClick={() => show({ ...rest, ...(one !== 'open' && { show: one }) })}
            >
              {t(`show.${one}`)} {countOf(one) !== undefined && <span className={css.count}>{amount(countOf(one) ?? 0)}</span>}
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Words search={search} show={show} field={field} />
      <label className={css.until}>
        <span>{t('until')}</span>
        <input
          type="date"
          value={search.until ?? ''}
          onChange={({ currentTarget: { value } }) => {
            const { until: __, ...others } = search;
            show({ ...others, ...(value && { until: value }) });
          }}
        />
      </label>
      <Own search={search} show={show} />
      {total !== undefined && (
        <span role="status" className={css.total}>
          {t('total', { count: total, amount: amount(total) })}
        </span>
      )}
    </div>
  );
}

function Words({ search, show, field }: Omit<FiltersProps, 'total'>) {
  const { t } = useTranslation('jobs');
  const [typed, setTyped] = useState(search.q ?? '');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // What another way of getting here has put into the address.
  const [known, setKnown] = useState(search.q);
  if (known !== search.q) {
    setKnown(search.q);
    if ((search.q ?? '') !== typed.trim()) setTyped(search.q ?? '');
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const { q: _, ...rest } = search;
      show({ ...rest, ...(text.trim() && { q: text.trim() }) });
    }, WAIT_MS);
  };
  return (
    <TextInput
      ref={field}
      className={css.words}
      size="xs"
      type="text"
      inputMode="search"
      aria-label={t('find')}
      placeholder={t('find')}
      leftSection={<Search size={14} aria-hidden />}
      rightSection={typed !== '' && <CloseButton size="xs" aria-label={t('clear')} onClick={() => type('')} />}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}

/** Own filters, by the words that they look for. */
function Own({ search, show }: Pick<FiltersProps, 'search' | 'show'>) {
  const { t } = useTranslation('jobs');
  const { saved, save, forget } = useSaved();
  const isSaved = saved.some((one) => same(one, search));
  const name = (one: JobsSearch) =>
    [one.show && t(`show.${one.show}`), one.q && `“${one.q}”`, one.until && `≤ ${one.until}`, one.sort && t(`sort.${one.sort}`)]
      .filter(Boolean)
      .join(' · ');
  const canSave = Object.keys(search).length > 0;
  return (
    <>
      {saved.length > 0 && (
        <ul className={css.shown} aria-label={t('own')}>
          {saved.map((one) => (
            <li key={JSON.stringify(one)}>
              <UnstyledButton className={css.filter} aria-pressed={same(one, search)} onClick={() => show(one)}>
                {name(one)}
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={!canSave}
        aria-label={isSaved ? t('forget') : t('save')}
        title={isSaved ? t('forget') : t('save')}
        onClick={() => (isSaved ? forget(search) : save(search))}
      >
        {isSaved ? <BookmarkCheck size={16} aria-hidden /> : <Bookmark size={16} aria-hidden />}
      </ActionIcon>
    </>
  );
}

const inOrder = (search: JobsSearch): string => JSON.stringify(Object.entries(search).sort());
const same = (one: JobsSearch, other: JobsSearch): boolean => inOrder(one) === inOrder(other);
