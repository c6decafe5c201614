// How a person comes in at terminals: by a PIN, by a badge. What they are is not to be had, only whether there is one.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FloorWaysDocument, RegisterBadgeDocument, RemoveBadgeDocument, SetOperatorPinDocument } from '../../api/generated/people';
import { ask } from '../../api/query';
import { useDo } from '../../api/useDo';
import { FieldsDialog } from '../../app/FieldsDialog';
import { useReason } from '../../design/states';
import type { Person } from './data';
import css from './people.module.css';

export function FloorWays({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const [asked, setAsked] = useState<'pin' | 'badge'>();
  const { id, code } = person;
  const name = person.name ?? code;
  const key = ['people', 'floor', id];
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => ask(FloorWaysDocument, { operatorId: id }, signal) });
  const setPin = useDo(SetOperatorPinDocument, key, ({ pin }) =>
    pin == null ? t('done.pinRemoved', { name }) : t('done.pinSet', { name }),
  );
  const register = useDo(RegisterBadgeDocument, key, () => t('done.badgeSet', { name }));
  const remove = useDo(RemoveBadgeDocument, key, () => t('done.badgeRemoved', { name }));
  const failed = query.error ?? (asked === undefined ? (setPin.error ?? remove.error) : undefined);
  const reason = useReason(failed ?? undefined);
  const ways = query.data?.terminalAccess;
  const close = () => setAsked(undefined);
  return (
    <section>
      <h3>{t('floor.title')}</h3>
      {failed && <p role="alert">{reason}</p>}
      <ul className={css.absences}>
        <li>
          <span>
            {t('floor.pin')} <span className="muted">{ways && (ways.hasPin ? t('floor.has') : t('floor.hasNot'))}</span>
          </span>
          <span className={css.buttons}>
            <Button size="compact-sm" variant="default" onClick={() => setAsked('pin')}>
              {t('floor.setPin')}
            </Button>
            {ways?.hasPin && (
              <Button
                size="compact-sm"
                variant="default"
                loading={setPin.isPending}
                onClick={() => setPin.mutate({ operatorId: id, pin: null })}
              >
                {t('floor.removePin')}
              </Button>
            )}
          </span>
        </li>
        <li>
          <span>
            {t('floor.badge')} <span className="muted">{ways && (ways.hasBadge ? t('floor.has') : t('floor.hasNot'))}</span>
          </span>
          <span className={css.buttons}>
            <Button size="compact-sm" variant="default" onClick={() => setAsked('badge')}>
              {t('floor.setBadge')}
            </Button>
            {ways?.hasBadge && (
              <Button size="compact-sm" variant="default" loading={remove.isPending} onClick={() => remove.mutate({ operatorId: id })}>
                {t('floor.removeBadge')}
              </Button>
            )}
          </span>
        </li>
      </ul>
      {asked === 'pin' && (
        <FieldsDialog
          title={t('floor.pinTitle', { name })}
          name={t('floor.setPin')}
          fields={[{ name: 'pin', label: t('floor.pin'), type: 'number', required: true, description: t('floor.pinWhat') }]}
          submit={({ pin }) => setPin.mutateAsync({ operatorId: id, pin: pin.trim() })}
          close={close}
        />
      )}
      {asked === 'badge' && (
        <FieldsDialog
          title={t('floor.badgeTitle', { name })}
          name={t('floor.setBadge')}
          fields={[{ name: 'badge', label: t('floor.badge'), required: true, description: t('floor.badgeWhat') }]}
          submit={({ badge }) => register.mutateAsync({ operatorId: id, badge: badge.trim() })}
          close={close}
        />
      )}
    </section>
  );
}
