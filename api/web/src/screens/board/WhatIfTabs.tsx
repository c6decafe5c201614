// The plan of the site, and the what-ifs that people work on: the newest as tabs, all others in a list beside them.
import { NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import { WhatIfOpenDocument } from '../../api/generated/board';
import { useFormat } from '../../time/useFormat';
import css from './board.module.css';
import { Why } from './InTheWay';
import { useWhatIfs, WHAT_IFS } from './useWhatIf';

const MOST_TABS = 5;

/** What has a tab: the newest, and the chosen one wherever it stands; the others are in the list. */
export function split<One extends { id: string }>(all: readonly One[], chosen: string | undefined, most = MOST_TABS): [One[], One[]] {
  const isTab = (one: One, at: number) => at < most || one.id === chosen;
  return [all.filter(isTab), all.filter((one, at) => !isTab(one, at))];
}

interface TabsProps {
  chosen: string | undefined;
  choose: (id: string | undefined) => void;
  may: boolean;
}

export function WhatIfTabs({ chosen, choose, may }: TabsProps) {
  const { t } = useTranslation('board');
  const queries = useQueryClient();
  const format = useFormat();
  const all = useWhatIfs() ?? [];
  const [error, setError] = useState<unknown>();
  const open = async () => {
    setError(undefined);
    try {
      const { scenario } = await command(WhatIfOpenDocument, { name: t('whatIf.newName', { when: format.timeOfDay(Date.now()) }) });
      await queries.invalidateQueries({ queryKey: WHAT_IFS });
      choose(scenario?.id);
    } catch (wrong) {
      setError(wrong);
    }
  };
  const [tabs, others] = split(all, chosen);
  if (!may && tabs.length === 0) return null;
  return (
    <nav className={css.tabs} aria-label={t('whatIf.tabs')}>
      <button type="button" aria-current={chosen === undefined} onClick={() => choose(undefined)}>
        {t('whatIf.plan')}
      </button>
      {tabs.map(({ id, name }) => (
        <button type="button" key={id} aria-current={chosen === id} onClick={() => choose(id)}>
          {name}
        </button>
      ))}
      {others.length > 0 && (
        <NativeSelect
          size="xs"
          aria-label={t('whatIf.others')}
          value=""
          data={[
            { value: '', label: t('whatIf.more', { count: others.length }) },
            ...others.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => choose(event.currentTarget.value || undefined)}
        />
      )}
      {may && (
        <button type="button" onClick={() => void open()}>
          <Plus size={14} aria-hidden /> {t('whatIf.new')}
        </button>
      )}
      {error !== undefined && <Why error={error} />}
    </nav>
  );
}
