import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import { CenterMoreDocument, RetireWorkCenterDocument, SetChangeoversDocument } from '../../api/generated/machines';
import { ask } from '../../api/query';
import { useMay } from '../../api/session';
import { FieldsDialog } from '../../app/FieldsDialog';
import { Sheet } from '../../app/Sheet';
import { leavesThing, Unsaved } from '../../app/Unsaved';
import { Scroll } from '../../design/Scroll';
import { Failure, SkeletonRows, useReason } from '../../design/states';
import { isolated } from '../../i18n/bidi';
import cells from './changeovers.module.css';
import { FLOOR } from './data';
import { CenterDialog } from './dialogs';
import css from './machines.module.css';
import { type Center, cellOf, changeoversOf, isTime, type Table, tableOf, withFamily } from './model';

/** A work center beside the list: what it is, and how long it takes from one family to another. */
export function CenterBeside({ center, close }: { center: Center; close: () => void }) {
  const { t } = useTranslation('machines');
  const [asked, setAsked] = useState<'edit' | 'retire'>();
  const mayChange = useMay()('MANAGE_MACHINES');
  const more = useQuery({
    queryKey: ['machines', 'center', center.id],
    queryFn: ({ signal }) => ask(CenterMoreDocument, { id: center.id }, signal),
  });
  const retire = useCommand(RetireWorkCenterDocument, { changes: FLOOR, done: () => ({ said: t('done.retired', { name: center.name }) }) });
  const done = () => setAsked(undefined);
  return (
    <Sheet title={`${isolated(center.name)} ${center.code}`} size={620} close={close}>
      <div className={css.beside}>
        {mayChange && (
          <div className={css.buttons}>
            <Button size="compact-sm" variant="default" leftSection={<Pencil size={14} aria-hidden />} onClick={() => setAsked('edit')}>
              {t('edit')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setAsked('retire')}>
              {t('retire')}
            </Button>
          </div>
        )}
        <dl className={css.facts}>
          <dt>{t('area')}</dt>
          <dd>{center.area ?? '–'}</dd>
          <dt>{t('column.calendar')}</dt>
          <dd>{center.calendar?.name ?? t('asCompany')}</dd>
        </dl>
        <section>
          <h3>{t('changeover.title')}</h3>
          {more.error && more.data === undefined ? (
            <Failure compact error={more.error} retry={() => void more.refetch()} />
          ) : more.data === undefined ? (
            <SkeletonRows rows={4} />
          ) : (
            <Changeovers center={center} said={tableOf(more.data.workCenter?.changeovers ?? null)} mayChange={mayChange} />
          )}
        </section>
      </div>
      {asked === 'edit' && <CenterDialog center={center} close={done} />}
      {asked === 'retire' && (
        <FieldsDialog
          title={t('center.retire', { name: center.name })}
          name={t('retire')}
          danger
          fields={[{ name: 'reason', label: t('reason'), type: 'lines', required: true }]}
          submit={({ reason }) => retire.mutateAsync({ workCenterCode: center.code, reason: reason.trim() })}
          close={done}
        >
          <p className="muted">{t('center.retireWhat')}</p>
        </FieldsDialog>
      )}
    </Sheet>
  );
}

function Changeovers({ center, said, mayChange }: { center: Center; said: Table; mayChange: boolean }) {
  const { t } = useTranslation('machines');
  const [changed, setChanged] = useState<Table>();
  const [family, setFamily] = useState('');
  const table = changed ?? said;
  const faulty = [table.usual, ...Object.values(table.minutes)].some((minutes) => !isTime(minutes));
  const { code } = center;
  const save = useCommand(SetChangeoversDocument, {
    changes: FLOOR,
    done: () => ({
      said: t('done.changeovers', { name: center.name }),
      undo: () => command(SetChangeoversDocument, { workCenterCode: code, ...changeoversOf(said) }),
    }),
  });
  const reason = useReason(save.error ?? undefined);
  const add = (event: FormEvent) => {
    event.preventDefault();
    setChanged(withFamily(table, family.trim()));
    setFamily('');
  };
  const { families } = table;
  return (
    <div className={css.beside}>
      <Unsaved is={changed !== undefined} leaves={leavesThing} />
      <p className="muted">{t('changeover.what')}</p>
      {families.length === 0 && <p>{t('changeover.none')}</p>}
      {families.length > 0 && (
        <Scroll label={t('changeover.title')}>
          <table className={cells.table}>
            <thead>
              <tr>
                <th scope="col">{t('changeover.fromTo')}</th>
                {families.map((to) => (
                  <th key={to} scope="col">
                    {to}
                  </th>
                ))}
                {mayChange && <td />}
              </tr>
            </thead>
            <tbody>
              {families.map((from) => (
                <tr key={from}>
                  <th scope="row">{from}</th>
                  {families.map((to) => (
                    <td key={to}>
                      {from === to ? (
                        <span className="muted">–</span>
                      ) : (
                        <input
                          inputMode="decimal"
                          disabled={!mayChange}
                          aria-label={t('changeover.cell', { from, to })}
                          aria-invalid={!isTime(table.minutes[cellOf(from, to)] ?? '')}
                          placeholder={table.usual}
                          value={table.minutes[cellOf(from, to)] ?? ''}
                          onChange={({ currentTarget: { value } }) =>
                            setChanged({ ...table, minutes: { ...table.minutes, [cellOf(from, to)]: value } })
                          }
                        />
                      )}
                    </td>
                  ))}
                  {mayChange && (
                    <td>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size="sm"
                        aria-label={t('changeover.drop', { family: from })}
                        title={t('changeover.drop', { family: from })}
                        onClick={() => setChanged({ ...table, families: families.filter((one) => one !== from) })}
                      >
                        <Trash2 size={14} aria-hidden />
                      </ActionIcon>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {mayChange && (
        <>
          <form onSubmit={add} className={css.addFamily}>
            <TextInput size="xs" label={t('changeover.family')} value={family} onChange={(event) => setFamily(event.currentTarget.value)} />
            <Button type="submit" size="xs" variant="default" leftSection={<Plus size={14} aria-hidden />} disabled={family.trim() === ''}>
              {t('changeover.add')}
            </Button>
            <TextInput
              size="xs"
              inputMode="decimal"
              label={t('changeover.usual')}
              value={table.usual}
              error={!isTime(table.usual)}
              onChange={({ currentTarget: { value } }) => setChanged({ ...table, usual: value })}
            />
          </form>
          {faulty && <p role="status">{t('changeover.faulty')}</p>}
          {save.error && (
            <p role="alert" className={css.refused}>
              {reason}
            </p>
          )}
          {changed && (
            <div className={css.buttons}>
              <Button variant="default" onClick={() => setChanged(undefined)}>
                {t('discard')}
              </Button>
              <Button
                loading={save.isPending}
                disabled={faulty}
                onClick={() => save.mutate({ workCenterCode: code, ...changeoversOf(table) }, { onSuccess: () => setChanged(undefined) })}
              >
                {t('changeover.save')}
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
