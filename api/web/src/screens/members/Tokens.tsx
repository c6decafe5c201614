// Tokens of programs: what each may do and until when. The token itself is shown once.
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import '@mantine/core/styles/Checkbox.layer.css';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MakeApiTokenDocument, MemberTokensDocument, RevokeApiTokenDocument } from '../../api/generated/members';
import { type Action, may, type Role, WHO_MAY } from '../../api/may';
import { ask } from '../../api/query';
import { useDo } from '../../api/useDo';
import { Panel } from '../../design/Panel';
import { Secret } from '../../design/Secret';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import { Ask } from './Ask';
import { ROLES, roleOf } from './Invite';
import css from './members.module.css';

const NOT_FOR_TOKENS = ['OPERATE', 'MANAGE_MEMBERS', 'MANAGE_API_TOKENS', 'OWN_ACCOUNT'] as const;
type TokenAction = Exclude<Action, (typeof NOT_FOR_TOKENS)[number]>;
const isForTokens = (action: Action): action is TokenAction => !NOT_FOR_TOKENS.some((one) => one === action);
const CHANGES = ['members', 'tokens'];
const DAY_MS = 86_400_000;

/** What a token of this role can be given. */
export const scopeOf = (role: Role): TokenAction[] =>
  (Object.keys(WHO_MAY) as Action[]).filter(isForTokens).filter((action) => may(role, action));

export function Tokens() {
  const { t } = useTranslation(['members', 'app']);
  const [isMaking, setMaking] = useState(false);
  const [ending, setEnding] = useState<{ id: string; name: string }>();
  const query = useQuery({ queryKey: CHANGES, queryFn: ({ signal }) => ask(MemberTokensDocument, {}, signal) });
  const revoke = useDo(RevokeApiTokenDocument, CHANGES, () => t('members:tokens.revoked', { name: ending?.name ?? '' }));
  const tokens = query.data?.apiTokens.edges.map(({ node }) => node);
  return (
    <Panel
      title={t('members:tokens.title')}
      aside={
        <Button size="xs" variant="default" onClick={() => setMaking(true)}>
          {t('members:tokens.make')}
        </Button>
      }
      flush
    >
      {tokens === undefined && (query.error ? <Failure error={query.error} compact /> : <SkeletonRows rows={2} />)}
      {tokens?.length === 0 && (
        <Empty icon={KeyRound} title={t('members:tokens.none')}>
          {t('members:tokens.noneWhy')}
        </Empty>
      )}
      <ul className={css.list}>
        {tokens?.map(({ id, name, role, scope, expires, lastUsed }) => (
          <li key={id}>
            <div>
              <strong>{name}</strong>
              <p className="muted">
                {t(`app:role.${role}`)} ·{' '}
                {scope
                  .filter(isForTokens)
                  .map((action) => t(`members:action.${action}`))
                  .join(', ')}
              </p>
              <p className="muted">
                {t('members:tokens.until')} <When at={expires} /> · {lastUsed ? t('members:tokens.used') : t('members:tokens.unused')}{' '}
                {lastUsed && <When at={lastUsed} />}
              </p>
            </div>
            <Button size="xs" variant="default" onClick={() => setEnding({ id, name })}>
              {t('members:tokens.revoke')}
            </Button>
          </li>
        ))}
      </ul>
      {isMaking && <Make close={() => setMaking(false)} />}
      {ending !== undefined && (
        <Ask
          title={t('members:tokens.sure', { name: ending.name })}
          does={t('members:tokens.revoke')}
          close={() => setEnding(undefined)}
          isBusy={revoke.isPending}
          error={revoke.error}
          submit={() => revoke.mutate({ apiTokenId: ending.id }, { onSuccess: () => setEnding(undefined) })}
        >
          <p>{t('members:tokens.sureWhy')}</p>
        </Ask>
      )}
    </Panel>
  );
}

function Make({ close }: { close: () => void }) {
  const { t } = useTranslation(['members', 'app']);
  const queries = useQueryClient();
  const [role, setRole] = useState<Role>('AUDITOR');
  const [scope, setScope] = useState<TokenAction[]>(['VIEW_SHOP']);
  const make = useDo(MakeApiTokenDocument, CHANGES);
  const token = make.data?.makeApiToken?.token;
  if (token != null) {
    return (
      <Ask title={t('members:tokens.keep')} does={t('members:tokens.kept')} close={close} submit={close} isBusy={false} error={undefined}>
        <p>{t('members:tokens.once')}</p>
        <Secret text={token} />
      </Ask>
    );
  }
  const submit = ({ name = '', days = '90' }: Record<string, string>) => {
    const expires = new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    make.mutate({ name, role, scope, expires }, { onSuccess: () => void queries.invalidateQueries({ queryKey: CHANGES }) });
  };
  return (
    <Ask
      title={t('members:tokens.make')}
      does={t('members:tokens.makeIt')}
      close={close}
      submit={submit}
      isBusy={make.isPending}
      error={make.error}
    >
      <TextInput name="name" label={t('members:tokens.name')} description={t('members:tokens.nameWhy')} required data-autofocus />
      <NativeSelect
        label={t('members:people.role')}
        value={role}
        data={ROLES.map((one) => ({ value: one, label: t(`app:role.${one}`) }))}
        onChange={({ currentTarget: { value } }) => {
          const next = roleOf(value);
          setRole(next);
          setScope((now) => now.filter((action) => scopeOf(next).includes(action)));
        }}
      />
      <Checkbox.Group
        label={t('members:tokens.scope')}
        value={scope}
        onChange={(all) => setScope(scopeOf(role).filter((one) => all.includes(one)))}
      >
        <div className={css.choices}>
          {scopeOf(role).map((action) => (
            <Checkbox key={action} size="xs" value={action} label={t(`members:action.${action}`)} />
          ))}
        </div>
      </Checkbox.Group>
      <NativeSelect
        name="days"
        label={t('members:tokens.ends')}
        defaultValue="90"
        data={[30, 90, 180, 365].map((days) => ({ value: String(days), label: t('members:tokens.days', { count: days }) }))}
      />
    </Ask>
  );
}
