// Who is let in, as what, and who came in when. Whoever may only look sees the same without buttons.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MembersDocument, type MembersQuery, ResendInvitationDocument, RevokeInvitationDocument } from '../../api/generated/members';
import { ask } from '../../api/query';
import { useMay, useSession } from '../../api/session';
import { useDo } from '../../api/useDo';
import { Page } from '../../design/Page';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import { Invite } from './Invite';
import { Logins } from './Logins';
import css from './members.module.css';
import { Person } from './Person';
import { Terminals } from './Terminals';
import { Tokens } from './Tokens';

export type Member = MembersQuery['members']['edges'][number]['node'];
type Invitation = MembersQuery['invitations']['edges'][number]['node'];

export default function Members() {
  const { t } = useTranslation('members');
  const may = useMay();
  const [isInviting, setInviting] = useState(false);
  const [openId, setOpenId] = useState<string>();
  const query = useQuery({ queryKey: ['members'], queryFn: ({ signal }) => ask(MembersDocument, {}, signal) });
  const people = query.data?.members.edges.map(({ node }) => node) ?? [];
  const invited = query.data?.invitations.edges.map(({ node }) => node) ?? [];
  const opened = people.find(({ id }) => id === openId);
  return (
    <Page
      title={t('title')}
      actions={
        may('MANAGE_MEMBERS') && (
          <Button leftSection={<UserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>
            {t('invite.open')}
          </Button>
        )
      }
    >
      <div className={css.screen}>
        <Panel title={t('people.title')} flush>
          {query.data === undefined ? (
            query.error ? (
              <Failure error={query.error} retry={() => void query.refetch()} />
            ) : (
              <SkeletonRows />
            )
          ) : (
            <People people={people} open={setOpenId} />
          )}
        </Panel>
        {invited.length > 0 && <Invited invited={invited} />}
        {may('MANAGE_OPERATORS') && <Terminals />}
        {may('MANAGE_API_TOKENS') && <Tokens />}
        {may('VIEW_LOGINS') && <Logins />}
      </div>
      {isInviting && <Invite close={() => setInviting(false)} />}
      {opened !== undefined && <Person member={opened} close={() => setOpenId(undefined)} />}
    </Page>
  );
}

function People({ people, open }: { people: Member[]; open: (id: string) => void }) {
  const { t } = useTranslation(['members', 'app']);
  const { viewer } = useSession();
  return (
    <Scroll label={t('members:people.title')}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('members:people.name')}</th>
            <th scope="col">{t('members:people.email')}</th>
            <th scope="col">{t('members:people.role')}</th>
            <th scope="col">{t('members:people.ways')}</th>
            <th scope="col">{t('members:people.joined')}</th>
          </tr>
        </thead>
        <tbody>
          {people.map((member) => (
            <tr key={member.id} data-inactive={!member.active || undefined}>
              <th scope="row">
                <button type="button" className={css.link} onClick={() => open(member.id)}>
                  {member.name ?? t('members:people.erased')}
                </button>{' '}
                {member.id === viewer.actorId && <span className="muted">{t('members:people.you')}</span>}
                {!member.active && <span className={css.mark}>{t('members:people.inactive')}</span>}
              </th>
              <td>{member.email ?? '–'}</td>
              <td>{t(`app:role.${member.role}`)}</td>
              <td>{member.waysIn.map((way) => t(`members:way.${way}`)).join(', ') || '–'}</td>
              <td>{member.joined ? <When at={member.joined} /> : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Invited({ invited }: { invited: Invitation[] }) {
  const { t } = useTranslation(['members', 'app']);
  const may = useMay();
  const resend = useDo(ResendInvitationDocument, ['members'], () => t('members:invited.resent'));
  const revoke = useDo(RevokeInvitationDocument, ['members'], () => t('members:invited.revoked'));
  return (
    <Panel title={t('members:invited.title')} flush>
      <ul className={css.list}>
        {invited.map(({ id, email, role, expires }) => (
          <li key={id}>
            <div>
              <strong>{email ?? t('members:people.erased')}</strong>
              <p className="muted">
                {t(`app:role.${role}`)} · {t('members:invited.until')} <When at={expires} />
              </p>
            </div>
            {may('MANAGE_MEMBERS') && (
              <div className={css.actions}>
                <Button size="xs" variant="default" onClick={() => resend.mutate({ invitationId: id })} loading={resend.isPending}>
                  {t('members:invited.resend')}
                </Button>
                <Button size="xs" variant="default" onClick={() => revoke.mutate({ invitationId: id })} loading={revoke.isPending}>
                  {t('members:invited.revoke')}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
