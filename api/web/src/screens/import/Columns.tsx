// What each column means: guessed, and to be changed. How numbers, dates and times are written, where it matters.
import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { FIELDS, type Field, type Kind } from './fields';
import css from './import.module.css';
import type { Import } from './useImport';
import type { DateOrder, DecimalSign, TimeUnit } from './values';

const KINDS = Object.keys(FIELDS) as Kind[];
const SHOWN = 3;

export function Columns({ work }: { work: Import }) {
  const { t } = useTranslation('import');
  const { opened, mapping } = work;
  if (opened?.head === undefined || mapping === undefined) return null;
  const table = opened.head;
  const fields: readonly Field[] = FIELDS[mapping.kind];
  return (
    <Panel title={t('columns.title')} aside={t('columns.read', { encoding: table.encoding.toUpperCase() })} flush>
      <div className={css.manner}>
        <NativeSelect
          size="xs"
          label={t('columns.kind')}
          value={mapping.kind}
          data={KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
          onChange={({ currentTarget: { value } }) => work.setKind(KINDS.find((kind) => kind === value) ?? 'jobs')}
        />
        <NativeSelect
          size="xs"
          label={t('columns.decimal')}
          value={mapping.manner.decimal}
          data={[
            { value: ',', label: '1.250,5' },
            { value: '.', label: '1,250.5' },
          ]}
          onChange={({ currentTarget: { value } }) => work.setManner({ decimal: value as DecimalSign })}
        />
        {mapping.kind === 'jobs' && (
          <NativeSelect
            size="xs"
            label={t('columns.dates')}
            value={mapping.manner.dates}
            data={(['dmy', 'mdy', 'ymd'] as const).map((order) => ({ value: order, label: t(`dates.${order}`) }))}
            onChange={({ currentTarget: { value } }) => work.setManner({ dates: value as DateOrder })}
          />
        )}
      </div>
      <Scroll label={t('columns.title')}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('columns.column')}</th>
              <th scope="col">{t('columns.means')}</th>
              <th scope="col">{t('columns.cells')}</th>
            </tr>
          </thead>
          <tbody>
            {table.columns.map((column, at) => {
              const [field, unit] = [mapping.fields[at], mapping.manner.units[at]];
              const name = column || t('columns.unnamed', { at: at + 1 });
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                <tr key={at} data-ignored={field === undefined || undefined}>
                  <th scope="row">{name}</th>
                  <td>
                    <div className={css.meaning}>
                      <NativeSelect
                        size="xs"
                        aria-label={t('columns.meaningOf', { column: name })}
                        value={field ?? ''}
                        data={[
                          { value: '', label: t('columns.nothing') },
                          ...fields.map((one) => ({ value: one, label: t(`field.${one}`) })),
                        ]}
                        onChange={({ currentTarget: { value } }) =>
                          work.setField(
                            at,
                            fields.find((one) => one === value),
                          )
                        }
                      />
                      {unit !== undefined && (
                        <NativeSelect
                          size="xs"
                          aria-label={t('columns.unitOf', { column: name })}
                          value={unit}
                          data={(['s', 'min', 'h'] as const).map((one) => ({ value: one, label: t(`unit.${one}`) }))}
                          onChange={({ currentTarget: { value } }) =>
                            work.setManner({ units: mapping.manner.units.map((one, place) => (place === at ? (value as TimeUnit) : one)) })
                          }
                        />
                      )}
                    </div>
                  </td>
                  <td className={css.samples}>
                    {table.rows
                      .map(({ cells }) => cells[at] ?? '')
                      .filter((cell) => cell !== '')
                      .slice(0, SHOWN)
                      .join(' · ')}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
