// The same data as a table, for who reads the screen rather than looks at it, and for paper.
import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Pin, TriangleAlert } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Status } from '../../design/Status';
import { When } from '../../design/values';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './board.module.css';
import { type Planned, plannedKey } from './data';
import type { BoardStore } from './store';
import { useStoreVersion, type Window } from './useBoardData';

/** What is seen, lane by lane in the order of the day. */
export function rowsOf(store: BoardStore, { from, until }: Window): Planned[] {
  const laneOf = (planned: Planned) => planned.machine?.code ?? '\uffff';
  return [...store.bars.values()]
    .filter(({ start, end }) => Date.parse(end) > from && Date.parse(start) < until)
    .sort((one, other) => laneOf(one).localeCompare(laneOf(other)) || one.start.localeCompare(other.start));
}

interface TableProps {
  store: BoardStore;
  window: Window;
  selected: string | undefined;
  select: (key: string) => void;
}

export function TableView({ store, window: seen, selected, select }: TableProps) {
  const { t } = useTranslation('board');
  useStoreVersion(store);
  const rows = rowsOf(store, seen);
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
            <tr style={{ height: before }}>
              <td colSpan={9} />
            </tr>
          )}
          {items.map(({ index }) => {
            const planned = rows[index];
            return planned && <Row key={plannedKey(planned)} planned={planned} at={index} selected={selected} select={select} />;
          })}
          {after > 0 && (
            <tr style={{ height: after }}>
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

/** A page for each machine: what comes in which order, with room to write. */
export function PrintSheet({ store, window: seen }: { store: BoardStore; window: Window }) {
  const { t } = useTranslation('board');
  const [format, now] = [useFormat(), useNow()];
  const lanes = new Map<string, Planned[]>();
  for (const row of rowsOf(store, seen)) {
    const lane = row.machine?.code ?? t('lane.elsewhere');
    lanes.set(lane, [...(lanes.get(lane) ?? []), row]);
  }
  return (
    <div className={css.print}>
      <p>
        {t('print.title', { from: format.exactly(seen.from), until: format.exactly(seen.until) })}{' '}
        {t('print.at', { when: format.exactly(now) })}
      </p>
      {[...lanes].map(([lane, rows]) => (
        <section key={lane}>
          <h2>{lane}</h2>
          <table className={css.sheet}>
            <thead>
              <tr>
                <th>{t('detail.start')}</th>
                <th>{t('detail.end')}</th>
                <th>{t('table.job')}</th>
                <th>{t('table.operation')}</th>
                <th>{t('detail.quantity')}</th>
                <th>{t('move.person')}</th>
                <th>{t('detail.due')}</th>
                <th>{t('print.notes')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((planned) => (
                <tr key={plannedKey(planned)}>
                  <td>{format.when(Date.parse(planned.start), seen.from)}</td>
                  <td>{format.when(Date.parse(planned.end), seen.from)}</td>
                  <td>
                    {planned.job.code} {planned.job.name}
                  </td>
                  <td>
                    {planned.operation} {planned.name}
                  </td>
                  <td className="number">{planned.quantity && `${format.amount(planned.quantity)} ${planned.unit}`}</td>
                  <td>{planned.operator?.name ?? planned.operator?.code}</td>
                  <td>{planned.due && format.when(Date.parse(planned.due), seen.from)}</td>
                  <td className={css.room} />
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </div>
  );
}
