// Finds anything by a few letters: jobs, machines, people, screens, commands. Arrows choose, Enter goes there.
import { Modal } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useEffectEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FindDocument, FindPeopleDocument } from '../api/generated/palette';
import { ask } from '../api/query';
import css from './Palette.module.css';
import { type Found, useFound } from './useFound';

const TYPING_MS = 120;

export default function Palette({ close }: { close: () => void }) {
  const { t } = useTranslation('palette');
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [asked] = useDebouncedValue(text.trim(), TYPING_MS);
  const id = useId();
  const { data, isFetching, isPlaceholderData } = useQuery({
    queryKey: ['find', asked],
    queryFn: ({ signal }) => ask(FindDocument, { text: asked }, signal),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
  });
  // The API finds people by their codes; by their names they are found among these.
  const people = useQuery({ queryKey: ['find people'], queryFn: ({ signal }) => ask(FindPeopleDocument, {}, signal), staleTime: 60_000 });
  const found = useFound(text.trim(), asked === '' ? undefined : data, people.data);
  const chosen = found[Math.min(at, found.length - 1)];
  // Who types and presses Enter means what they typed, not what was found for half of it.
  const isFresh = asked === text.trim() && !isPlaceholderData && !(isFetching && data === undefined);
  const [isEntered, setEntered] = useState(false);
  const go = (one: Found | undefined) => {
    setEntered(false);
    if (one === undefined) return;
    close();
    one.go();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((Math.min(at, found.length - 1) + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (isFresh) go(chosen);
      else setEntered(true);
    }
  };
  const goNow = useEffectEvent(() => go(chosen));
  useEffect(() => {
    if (isEntered && isFresh) goNow();
  }, [isEntered, isFresh]);
  return (
    <Modal
      opened
      onClose={close}
      withCloseButton={false}
      padding={0}
      size={600}
      yOffset="12vh"
      attributes={{ content: { 'aria-label': t('title') } }}
      transitionProps={{ duration: 80 }}
    >
      <div className={css.ask}>
        <Search size={18} aria-hidden />
        <input
          data-autofocus
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
            setEntered(false);
          }}
          onKeyDown={onKeyDown}
          placeholder={t('placeholder')}
          role="combobox"
          aria-label={t('title')}
          aria-expanded
          aria-controls={id}
          aria-activedescendant={chosen && `${id}-${chosen.key}`}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <div id={id} role="listbox" aria-label={t('results')} aria-busy={isFetching} className={css.list}>
        {found.map((one) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          <div
            key={one.key}
            id={`${id}-${one.key}`}
            role="option"
            tabIndex={-1}
            aria-selected={one === chosen}
            ref={one === chosen ? (row) => row?.scrollIntoView({ block: 'nearest' }) : undefined}
            className={css.found}
            onClick={() => go(one)}
          >
            <one.icon size={16} aria-hidden />
            <span className={css.name}>{one.name}</span>
            <span className={css.note}>{one.note}</span>
          </div>
        ))}
        {found.length === 0 && !isFetching && <div className={css.nothing}>{t('nothing', { text })}</div>}
      </div>
    </Modal>
  );
}
