// One member: what can be done about their ways in. What can't be taken back names the person and asks how one made sure.
import { Alert, Button, NativeSelect, TextInput } from '@mantine/core';
import '@mantine/core/styles/Alert.layer.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  ChangeRoleDocument,
  DeactivateMemberDocument,
  ForceSignOutDocument,
  LiftWaitDocument,
  MemberFailuresDocument,
  ReactivateMemberDocument,
  ResetSecondFactorsDocument,
} from '../../api/generated/members';
import { ask } from '../../api/query';
import { useMay, useSession } from '../../api/session';
import { useDo } from '../../api/useDo';
import { Sheet } from '../../app/Sheet';
import form from '../../design/form.module.css';
import { useReason } from '../../design/states';
import { When } from '../../design/values';
import { Ask } from './Ask';
import { ROLES, roleOf } from './Invite';
import type { Member } from './Members';
import css from './members.module.css';

type Asked = 'liftWait' | 'resetFactors' | 'deactivate';
const CHANGES = ['members'];

export function Person({ member, close }: { member: Member; close: () => void }) {
  const { t } = useTranslation(['members', 'app']);
  const [may, { viewer }] = [useMay(), useSession()];
  const name = member.name ?? t('members:people.erased');
  const [asked, setAsked] = useState<Asked>();
  const change = useDo(ChangeRoleDocument, CHANGES, ({ role }) => t('members:did.role', { name, role: t(`app:role.${role}`) }));
  const signOut = useDo(ForceSignOutDocument, CHANGES, () => t('members:did.signOut', { name }));
  const back = useDo(ReactivateMemberDocument, CHANGES, () => t('members:did.back', { name }));
  const error = change.error ?? signOut.error ?? back.error;
  const reason = useReason(error);
  const isManaged = may('MANAGE_MEMBERS') && member.id !== viewer.actorId;
  return (
    <Sheet title={name} close={close}>
      <div className={form.form}>
        <p className="muted">{[member.jobTitle, member.email].filter(Boolean).join(' · ')}</p>
        {!member.active && <p className={css.mark}>{member.reason ?? t('members:people.inactive')}</p>}
        {error && (
          <Alert color="red" variant="light" role="alert">
            {reason}
          </Alert>
        )}
        {isManaged && member.active && (
          <>
            <NativeSelect
              label={t('members:people.role')}
              value={member.role}
              disabled={change.isPending}
              data={ROLES.map((role) => ({ value: role, label: `${t(`app:role.${role}`)}: ${t(`members:may.${role}`)}` }))}
              onChange={({ currentTarget: { value } }) => change.mutate({ memberId: member.id, role: roleOf(value) })}
            />
            <div className={css.stack}>
              <Button variant="default" onClick={() => signOut.mutate({ memberId: member.id })} loading={signOut.isPending}>
                {t('members:do.signOut')}
              </Button>
              <Button variant="default" onClick={() => setAsked('liftWait')}>
                {t('members:do.liftWait')}
              </Button>
              <Button variant="default" onClick={() => setAsked('resetFactors')}>
                {t('members:do.resetFactors')}
              </Button>
              <Button variant="default" onClick={() => setAsked('deactivate')}>
                {t('members:do.deactivate')}
              </Button>
            </div>
          </>
        )}
        {isManaged && !member.active && (
          <Button onClick={() => back.mutate({ memberId: member.id })} loading={back.isPending}>
            {t('members:do.back')}
          </Button>
        )}
        {may('VIEW_LOGINS') && <Failures memberId={member.id} />}
      </div>
      {asked !== undefined && <Sure asked={asked} member={member} name={name} close={() => setAsked(undefined)} />}
    </Sheet>
  );
}

/** What is asked before it is done. */
function Sure({ asked, member, name, close }: { asked: Asked; member: Member; name: string; close: () => void }) {
  const { t } = useTranslation('members');
  const said = () => t(`did.${asked}`, { name });
  const lift = useDo(LiftWaitDocument, CHANGES, said);
  const reset = useDo(ResetSecondFactorsDocument, CHANGES, said);
  const deactivate = useDo(DeactivateMemberDocument, CHANGES, said);
  const work = { liftWait: lift, resetFactors: reset, deactivate }[asked];
  const submit = ({ text = '' }: Record<string, string>) => {
    const over = { onSuccess: close };
    if (asked === 'deactivate') deactivate.mutate({ memberId: member.id, reason: text === '' ? undefined : text }, over);
    else (asked === 'liftWait' ? lift : reset).mutate({ memberId: member.id, identityCheck: text }, over);
  };
  return (
    <Ask
      title={t(`sure.${asked}`, { name })}
      does={t(`do.${asked}`)}
      close={close}
      submit={submit}
      isBusy={work.isPending}
      error={work.error}
    >
      <p>{t(`why.${asked}`)}</p>
      <TextInput
        name="text"
        label={asked === 'deactivate' ? t('sure.reason') : t('sure.check')}
        required={asked !== 'deactivate'}
        data-autofocus
      />
    </Ask>
  );
}

function Failures({ memberId }: { memberId: string }) {
  const { t } = useTranslation('members');
  const query = useQuery({
    queryKey: ['members', 'failures', memberId],
    queryFn: ({ signal }) => ask(MemberFailuresDocument, { memberId }, signal),
  });
  const failures = query.data?.failedSignIns ?? [];
  return (
    <section>
      <h2>{t('failures.title')}</h2>
      {query.data !== undefined && failures.length === 0 && <p className="muted">{t('failures.none')}</p>}
      <ul className={css.plain}>
        {failures.map(({ address, failures: count, last }) => (
          <li key={`${address} ${last}`}>
            {t('failures.of', { count, address })} · <When at={last} />
          </li>
        ))}
      </ul>
    </section>
  );
}
