import { ActionIcon, Button, NativeSelect, SegmentedControl } from '@mantine/core';
import '@mantine/core/styles/FloatingIndicator.layer.css';
import '@mantine/core/styles/SegmentedControl.layer.css';
import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, History, Minus, Plus, Printer, Table2, Wand2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { BoardCentersDocument } from '../../api/generated/board';
import { ask } from '../../api/query';
import { DAY } from '../../board/types';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import { zoneOf } from '../../time/zone';
import { allPages } from './all-pages';
import css from './board.module.css';
import type { BoardSearch, Panel } from './route';
import type { Window } from './useBoardData';

export interface ToolbarProps {
  search: BoardSearch;
  window: Window;
  set: (change: Partial<BoardSearch>) => void;
  show: (window: Window) => void;
  zoom: (factor: number) => void;
  unplanned: number | undefined;
  mayPlan: boolean;
}

export function Toolbar({ search, window: seen, set, show, zoom, unplanned, mayPlan }: ToolbarProps) {
  const { t } = useTranslation('board');
  const { data } = useQuery({
    queryKey: ['board', 'centers'],
    queryFn: ({ signal }) => allPages((after) => ask(BoardCentersDocument, { after }, signal).then(({ workCenters }) => workCenters)),
  });
  const centers = data?.map(({ id, code, name }) => ({ value: id, label: `${code} · ${name}` })) ?? [];
  const panel = (name: Panel) => set({ panel: search.panel === name ? undefined : name, bar: undefined });
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fieldset, it is not a form
    <div className={css.toolbar} role="group" aria-label={t('toolbar.name')}>
      <SegmentedControl
        size="xs"
        aria-label={t('toolbar.by')}
        value={search.by ?? 'machines'}
        onChange={(value) => set({ by: value === 'operators' ? 'operators' : undefined, bar: undefined })}
        data={[
          { value: 'machines', label: t('toolbar.machines') },
          { value: 'operators', label: t('toolbar.people') },
        ]}
      />
      {search.by !== 'operators' && (
        <NativeSelect
          size="xs"
          aria-label={t('toolbar.center')}
          data={[{ value: '', label: t('toolbar.allCenters') }, ...centers]}
          value={search.center ?? ''}
          onChange={(event) => set({ center: event.currentTarget.value || undefined })}
        />
      )}
      <Dates window={seen} show={show} />
      {search.as !== 'table' && (
        <ActionIcon.Group>
          <ActionIcon variant="default" size={30} aria-label={t('toolbar.out')} onClick={() => zoom(1.5)}>
            <Minus size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="default" size={30} aria-label={t('toolbar.in')} onClick={() => zoom(1 / 1.5)}>
            <Plus size={16} aria-hidden />
          </ActionIcon>
        </ActionIcon.Group>
      )}
      <span className={css.spring} />
      <ActionIcon
        variant={search.as === 'table' ? 'filled' : 'default'}
        size={30}
        aria-label={t('toolbar.table')}
        aria-pressed={search.as === 'table'}
        title={t('toolbar.table')}
        onClick={() => set({ as: search.as === 'table' ? undefined : 'table' })}
      >
        <Table2 size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" size={30} aria-label={t('toolbar.print')} title={t('toolbar.print')} onClick={() => globalThis.print()}>
        <Printer size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant={search.panel === 'changes' ? 'filled' : 'default'}
        size={30}
        aria-label={t('changes.title')}
        aria-pressed={search.panel === 'changes'}
        title={t('changes.title')}
        onClick={() => panel('changes')}
      >
        <History size={16} aria-hidden />
      </ActionIcon>
      <Button
        size="xs"
        variant={search.panel === 'tray' ? 'filled' : 'default'}
        aria-pressed={search.panel === 'tray'}
        onClick={() => panel('tray')}
      >
        {unplanned === undefined ? t('tray.title') : t('tray.titleCount', { count: unplanned })}
      </Button>
      {mayPlan && (
        <Button
          size="xs"
          variant={search.panel === 'auto' ? 'filled' : 'default'}
          aria-pressed={search.panel === 'auto'}
          leftSection={<Wand2 size={14} aria-hidden />}
          onClick={() => panel('auto')}
        >
          {t('auto.title')}
        </Button>
      )}
    </div>
  );
}

const SPANS = [1, 3, 7, 28] as const;

function Dates({ window: { from, until }, show }: { window: Window; show: (window: Window) => void }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const zone = zoneOf(format.manner.zone);
  const now = useNow(60_000);
  const span = until - from;
  const days = span / DAY;
  const near = SPANS.find((one) => Math.abs(days - one) / one < 0.15);
  return (
    <div className={css.dates}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={t('toolbar.earlier')}
        onClick={() => show({ from: from - span * 0.75, until: until - span * 0.75 })}
      >
        <ChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <Button size="xs" variant="default" onClick={() => show({ from: now - span * 0.15, until: now + span * 0.85 })}>
        {t('toolbar.today')}
      </Button>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={t('toolbar.later')}
        onClick={() => show({ from: from + span * 0.75, until: until + span * 0.75 })}
      >
        <ChevronRight size={16} aria-hidden />
      </ActionIcon>
      <NativeSelect
        size="xs"
        aria-label={t('toolbar.span')}
        value={String(near ?? '')}
        data={[
          ...(near === undefined ? [{ value: '', label: format.roughly(span / 1_000) }] : []),
          ...SPANS.map((one) => ({ value: String(one), label: t('toolbar.days', { count: one }) })),
        ]}
        onChange={(event) => {
          const wanted = Number(event.currentTarget.value);
          if (wanted > 0) show({ from: zone.dayStart(from + span * 0.15), until: zone.addDays(zone.dayStart(from + span * 0.15), wanted) });
        }}
      />
    </div>
  );
}
