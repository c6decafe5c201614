// What will come of it: how many, what can't be read and where, and which work centers are missing.
import { Alert, Button, NumberInput } from '@mantine/core';
import '@mantine/core/styles/NumberInput.layer.css';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { useFormat } from '../../time/useFormat';
import type { Fault } from './cells';
import css from './import.module.css';
import type { Missing } from './plan';
import type { Import } from './useImport';

const MOST_MACHINES = 99;

export function Check({ work }: { work: Import }) {
  const { t } = useTranslation('import');
  const format = useFormat();
  const { summary, mapping, missing } = work;
  if (summary === undefined || mapping === undefined) return null;
  const things = t(`things.${mapping.kind}`, { count: summary.things, amount: format.amount(summary.things) });
  const operations = t('things.operations', { count: summary.operations, amount: format.amount(summary.operations) });
  return (
    <Panel title={t('check.title')}>
      <div className={css.check}>
        {summary.lacking.length > 0 ? (
          <Alert color="orange" variant="light">
            {t('check.lacking', { fields: summary.lacking.map((field) => t(`field.${field as 'number'}`)).join(', ') })}
          </Alert>
        ) : (
          <p className={css.sum}>{mapping.kind === 'jobs' ? t('check.both', { things, operations }) : things}</p>
        )}
        {summary.faultCount > 0 && <Faults faults={summary.faults} count={summary.faultCount} />}
        {missing.length > 0 && <MissingCenters work={work} missing={missing} />}
        <div className={css.actions}>
          <Button onClick={() => void work.start()} disabled={summary.things === 0 || !work.isChecked}>
            {t('check.start', { things })}
          </Button>
          <Button variant="default" onClick={work.forget}>
            {t('check.another')}
          </Button>
        </div>
        <p className="muted">{t('check.safe')}</p>
      </div>
    </Panel>
  );
}

function Faults({ faults, count }: { faults: Fault[]; count: number }) {
  const { t } = useTranslation('import');
  return (
    <div>
      <p className={css.warned}>{t('faults.title', { count })}</p>
      <Scroll label={t('faults.list')}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col" className="number">
                {t('faults.row')}
              </th>
              <th scope="col">{t('columns.column')}</th>
              <th scope="col">{t('faults.value')}</th>
              <th scope="col">{t('faults.why')}</th>
            </tr>
          </thead>
          <tbody>
            {faults.map(({ row, column, kind, value }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is made anew whenever it changes
              <tr key={at}>
                <td className="number">{row}</td>
                <th scope="row">{column || '–'}</th>
                <td className={css.samples}>{value || '–'}</td>
                <td>{t(`fault.${kind}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {count > faults.length && <p className="muted">{t('faults.more', { count: count - faults.length })}</p>}
    </div>
  );
}

function MissingCenters({ work, missing }: { work: Import; missing: Missing[] }) {
  const { t } = useTranslation('import');
  return (
    <fieldset className={css.missing}>
      <legend>{t('missing.title', { count: missing.length })}</legend>
      <p className="muted">{work.mapping?.kind === 'machines' ? t('missing.whyCenters') : t('missing.why')}</p>
      <ul>
        {missing.map(({ code, machines }) => (
          <li key={code}>
            <strong>{code}</strong>
            {work.mapping?.kind === 'jobs' && (
              <NumberInput
                size="xs"
                aria-label={t('missing.machines', { code })}
                value={machines}
                min={0}
                max={MOST_MACHINES}
                allowDecimal={false}
                onChange={(count) => work.setMachines(code, typeof count === 'number' ? count : 0)}
              />
            )}
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
