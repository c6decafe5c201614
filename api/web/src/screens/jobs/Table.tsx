import { UnstyledButton } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/session';
import { JobLink } from '../../app/JobLink';
import { Status } from '../../design/Status';
import { Skeleton } from '../../design/states';
import { Late, Quantity, When } from '../../design/values';
import { fromField, toField } from '../../time/field';
import { useManner } from '../../time/useFormat';
import { usePrinting } from '../../time/usePrinting';
import type { ListedJob } from './data';
import { EditCell } from './EditCell';
import css from './jobs.module.css';
import type { Sort } from './model';
import { type Change, useChange } from './useChange';

const ROW = 32;
const COLUMNS = ['number', 'product', 'customer', 'quantity', 'operations', 'due', 'lateness', 'status', 'priority'] as const;
type Column = (typeof COLUMNS)[number];
const SORTED: Partial<Record<Column, Sort>> = {
  number: 'number',
  product: 'product',
  customer: 'customer',
  due: 'due',
  priority: 'priority',
};

interface TableProps {
  rows: readonly ListedJob[];
  total: number;
  sort: Sort;
  down: boolean;
  turn: (sort: Sort) => void;
  /** Gets the next page, where there is one and it is not on its way. */
  more?: () => void;
  /** The job that is open beside. */
  open?: string;
}

/** Ten thousand rows, of which those that are seen are there. */
export function Table({ rows, total, sort, down, turn, more, open }: TableProps) {
  const { t } = useTranslation('jobs');
  const [scroller, change, printing] = [useRef<HTMLElement>(null), useChange(), usePrinting()];
  const mayChange = useMay()('MANAGE_JOBS');
  const virtual = useVirtualizer({ count: total, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12 });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 20) more?.();
  }, [last, rows.length, more]);
  const all = printing ? rows.map((_, index) => ({ index, start: 0, end: 0 })) : seen;
  const before = printing ? 0 : (seen[0]?.start ?? 0);
  const after = printing ? 0 : virtual.getTotalSize() - (seen.at(-1)?.end ?? 0);

  /** Up and down from job to job. */
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key];
    const row = event.target instanceof HTMLAnchorElement ? event.target.closest('tr') : null;
    if (step === undefined || row === null) return;
    const next = Math.max(0, Math.min(rows.length - 1, Number(row.dataset['at']) + step));
    event.preventDefault();
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`tr[data-at="${next}"] a`)?.focus());
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard
    <section ref={scroller} className={css.scroller} aria-label={t('list')} tabIndex={0} onKeyDown={onKey}>
      <table className={css.table} aria-rowcount={total + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {COLUMNS.map((column) => (
              <Heading key={column} column={column} sort={sort} down={down} turn={turn} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {all.map(({ index }) => {
            const job = rows[index];
            if (job === undefined) return <Coming key={index} at={index} />;
            return <Row key={job.id} job={job} at={index} open={open === job.number} change={mayChange ? change : undefined} />;
          })}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
    </section>
  );
}

interface HeadingProps extends Pick<TableProps, 'sort' | 'down' | 'turn'> {
  column: Column;
}

function Heading({ column, sort, down, turn }: HeadingProps) {
  const { t } = useTranslation('jobs');
  const by = SORTED[column];
  const is = by !== undefined && by === sort;
  const Arrow = down ? ArrowDown : ArrowUp;
  return (
    <th scope="col" className={css[column]} aria-sort={is ? (down ? 'descending' : 'ascending') : undefined}>
      {by === undefined ? (
        t(`column.${column}`)
      ) : (
        <UnstyledButton className={css.turn} onClick={() => turn(by)}>
          {t(`column.${column}`)} {is && <Arrow size={12} aria-hidden />}
        </UnstyledButton>
      )}
    </th>
  );
}

/** A row that is on its way. */
function Coming({ at }: { at: number }) {
  return (
    <tr aria-rowindex={at + 2}>
      <td colSpan={COLUMNS.length}>
        <Skeleton width={`${40 + ((at * 17) % 45)}%`} height={10} />
      </td>
    </tr>
  );
}

function Row({ job, at, open, change }: { job: ListedJob; at: number; open: boolean; change?: Change }) {
  const { t } = useTranslation('jobs');
  const { number, product, customer, quantity, unit, good, operations, finishedOperations, due, late, status, reason } = job;
  return (
    <tr aria-rowindex={at + 2} data-at={at} className={clsx(open && css.open)}>
      <th scope="row" className={css.number}>
        <JobLink number={number} />
      </th>
      <td className={css.product} dir="auto" title={product ?? undefined}>
        {product ?? '–'}
      </td>
      <td className={css.customer} dir="auto" title={customer ?? undefined}>
        {customer ?? '–'}
      </td>
      <td className={css.quantity}>
        {quantity === null ? '–' : <Quantity amount={quantity} unit={unit} />}
        {Number(good) > 0 && quantity !== null && Number(quantity) > 0 && (
          <progress
            className={css.made}
            max={Number(quantity)}
            value={Number(good)}
            aria-label={t('made', { good })}
            title={t('made', { good })}
          />
        )}
      </td>
      <td className={css.operations}>{operations.length === 0 ? '–' : t('of', { some: finishedOperations, all: operations.length })}</td>
      <td className={css.due}>
        <Due job={job} change={change} />
      </td>
      <td className={css.lateness}>
        <Late due={due} late={late} short />
      </td>
      <td className={css.status}>
        <Status of="job" is={status} title={reason ?? undefined} />{' '}
        {reason && (
          <span className="muted" title={reason}>
            {reason}
          </span>
        )}
      </td>
      <td className={css.priority}>
        <Priority job={job} change={change} />
      </td>
    </tr>
  );
}

const isClosed = ({ status }: ListedJob): boolean => status === 'COMPLETED' || status === 'CANCELLED';

function Due({ job, change }: { job: ListedJob; change?: Change }) {
  const { t } = useTranslation('jobs');
  const { zone } = useManner();
  const said = job.due ? <When at={job.due} /> : <span className="muted">–</span>;
  if (change === undefined || isClosed(job)) return said;
  const save = async (text: string) => {
    const due = fromField(text, zone);
    if (due !== undefined) await change.due(job, due);
  };
  return (
    <EditCell name={t('edit.due', { number: job.number })} type="datetime-local" value={job.due ? toField(job.due, zone) : ''} save={save}>
      {said}
    </EditCell>
  );
}

function Priority({ job, change }: { job: ListedJob; change?: Change }) {
  const { t } = useTranslation('jobs');
  if (change === undefined || isClosed(job)) return job.priority;
  const name = t('edit.priority', { number: job.number });
  return (
    <EditCell name={name} type="number" min={1} max={100} value={String(job.priority)} save={(text) => change.priority(job, Number(text))}>
      {job.priority}
    </EditCell>
  );
}
