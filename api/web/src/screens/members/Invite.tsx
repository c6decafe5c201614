import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { InviteMemberDocument } from '../../api/generated/members';
import type { Role } from '../../api/may';
import { useDo } from '../../api/useDo';
import { Ask } from './Ask';

export const ROLES: Role[] = ['ADMIN', 'MANAGER', 'OPERATOR', 'AUDITOR'];
export const roleOf = (value: string | undefined): Role => ROLES.find((role) => role === value) ?? 'OPERATOR';

export function Invite({ close }: { close: () => void }) {
  const { t } = useTranslation(['members', 'app']);
  const invite = useDo(InviteMemberDocument, ['members'], ({ email }) => t('members:invite.done', { email }));
  return (
    <Ask
      title={t('members:invite.title')}
      does={t('members:invite.does')}
      close={close}
      isBusy={invite.isPending}
      error={invite.error}
      submit={({ email = '', role }) => invite.mutate({ email, role: roleOf(role) }, { onSuccess: close })}
    >
      <TextInput name="email" type="email" label={t('members:people.email')} required data-autofocus autoComplete="off" />
      <NativeSelect
        name="role"
        label={t('members:people.role')}
        defaultValue="OPERATOR"
        data={ROLES.map((role) => ({ value: role, label: `${t(`app:role.${role}`)}: ${t(`members:may.${role}`)}` }))}
      />
      <p className="muted">{t('members:invite.why')}</p>
    </Ask>
  );
}
