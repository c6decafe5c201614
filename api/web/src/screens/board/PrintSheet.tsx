// The board on paper: a sheet for each machine, made only when somebody prints.
import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './board.module.css';
import { type Planned, plannedKey } from './data';
import type { BoardStore } from './store';
import { rowsOf } from './TableView';
import type { Window } from './useBoardData';

export function PrintSheet({ store, window: seen }: { store: BoardStore; window: Window }) {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const begin = () => flushSync(() => setPrinting(true));
    const end = () => setPrinting(false);
    addEventListener('beforeprint', begin);
    addEventListener('afterprint', end);
    return () => {
      removeEventListener('beforeprint', begin);
      removeEventListener('afterprint', end);
    };
  }, []);
  return isPrinting ? <Sheet store={store} window={seen} /> : null;
}

/** A page for each machine: what comes in which order, with room to write. */
function Sheet({ store, window: seen }: { store: BoardStore; window: Window }) {
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
