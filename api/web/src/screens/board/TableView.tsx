// The same data as a table, for who reads the screen rather than looks at it, and for paper.
import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Pin, TriangleAlert } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Status } from '../../design/Status';
import { When } from '../../design/values';
import { useFormat } from '../../time/useFormat';
import css from './board.module.css';
import { type Planned, plannedKey, timesOf } from './data';
import type { BoardStore } from './store';
import { useStoreVersion, type Window } from './useBoardData';

/** What is seen, lane by lane in the order of the day. */
export function rowsOf(store: BoardStore, { from, until }: Window): Planned[] {
  const rows: Planned[] = [];
  const codes = new Set<string>();
  for (const planned of store.bars.values()) {
    const { start, end } = timesOf(planned);
    if (end <= from || start >= until) continue;
    rows.push(planned);
    if (planned.machine) codes.add(planned.machine.code);
  }
  // Words are compared once for each lane, not for each pair of bars.
  const order = new Map([...codes].sort(new Intl.Collator().compare).map((code, at) => [code, at]));
  const laneOf = ({ machine }: Planned) => order.get(machine?.code ?? '') ?? codes.size;
  return rows.sort((one, other) => laneOf(one) - laneOf(other) || timesOf(one).start - timesOf(other).start);
}

interface TableProps {
  store: BoardStore;
  window: Window;
  selected: string | undefined;
  select: (key: string) => void;
}

export function TableView({ store, window: seen, selected, select }: TableProps) {
  const { t } = useTranslation('board');
  const version = useStoreVersion(store);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version is that of the bars
  const rows = useMemo(() => rowsOf(store, seen), [store, version, seen]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 32, overscan: 12 });
  const items = virtual.getVirtualItems();
  const [before, after] = [items[0]?.start ?? 0, virtual.getTotalSize() - (items.at(-1)?.end ?? 0)];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard
    <section className={css.tableBox} ref={scroller} aria-label={t('table.name')} tabIndex={0}>
      <table className={css.table} aria-rowcount={rows.length + 1}>
        <Head />
        <tbody>
          {before > 0 && (
            <tr aria-hidden style={{ height: before }}>
              <td colSpan={9} />
            </tr>
          )}
          {items.map(({ index }) => {
            const planned = rows[index];
            return planned && <Row key={plannedKey(planned)} planned={planned} at={index} selected={selected} select={select} />;
          })}
          {after > 0 && (
            <tr aria-hidden style={{ height: after }}>
              <td colSpan={9} />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function Head() {
  const { t } = useTranslation('board');
  return (
    <thead>
      <tr>
        <th scope="col">{t('move.machine')}</th>
        <th scope="col">{t('table.job')}</th>
        <th scope="col">{t('table.operation')}</th>
        <th scope="col">{t('move.person')}</th>
        <th scope="col">{t('detail.start')}</th>
        <th scope="col">{t('detail.end')}</th>
        <th scope="col">{t('table.status')}</th>
        <th scope="col">{t('detail.due')}</th>
        <th scope="col">{t('table.marks')}</th>
      </tr>
    </thead>
  );
}

interface RowProps {
  planned: Planned;
  at: number;
  selected: string | undefined;
  select: (key: string) => void;
}

function Row({ planned, at, selected, select }: RowProps) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const key = plannedKey(planned);
  const late = planned.late && planned.due ? (Date.parse(planned.end) - Date.parse(planned.due)) / 1_000 : 0;
  return (
    <tr aria-rowindex={at + 2} aria-selected={selected === key}>
      <td>{planned.machine?.code ?? t('lane.elsewhere')}</td>
      <td>
        <Button size="compact-sm" variant="subtle" onClick={() => select(key)}>
          {planned.job.code}
        </Button>
      </td>
      <td>
        {planned.operation} {planned.name}
      </td>
      <td>{planned.operator?.name ?? planned.operator?.code}</td>
      <td>
        <When at={planned.start} />
      </td>
      <td>
        <When at={planned.end} />
      </td>
      <td>
        <Status of="operation" is={planned.status} />
      </td>
      <td>{planned.due && <When at={planned.due} />}</td>
      <td>
        <span className={css.rowMarks}>
          {late > 0 && (
            <span className={css.lateText}>
              <TriangleAlert size={14} aria-hidden /> +{format.duration(late)}
            </span>
          )}
          {planned.pin && (
            <span title={planned.pin.reason}>
              <Pin size={14} role="img" aria-label={t('spoken.pinned')} />
            </span>
          )}
        </span>
      </td>
    </tr>
  );
}
