// One's own account: who one is, what one shows when signing in, where one is signed in, what is kept.
import { Button, Checkbox, PasswordInput, TextInput } from '@mantine/core';
import '@mantine/core/styles/PasswordInput.layer.css';
import '@mantine/core/styles/Checkbox.layer.css';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { commandNow, payloadOf } from '../../api/command';
import { SetConsentDocument } from '../../api/generated/api';
import {
  ChangePasswordDocument,
  DescribeMyselfDocument,
  EndOtherSessionsDocument,
  EndSessionDocument,
  OwnAccountDocument,
  type OwnAccountQuery,
} from '../../api/generated/settings';
import { ask } from '../../api/query';
import { useSession } from '../../api/session';
import { doIt, useDo } from '../../api/useDo';
import { sayDone } from '../../app/undo';
import { Panel } from '../../design/Panel';
import { Failure, SkeletonRows, useReason } from '../../design/states';
import { When } from '../../design/values';
import { Saved, textOf } from './Saved';
import { SecondFactors } from './SecondFactors';
import css from './settings.module.css';

const KEY = ['settings', 'own'];

export function Account() {
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => ask(OwnAccountDocument, {}, signal), refetchOnWindowFocus: false });
  if (query.data === undefined) {
    return query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : <SkeletonRows rows={12} />;
  }
  return (
    <>
      {query.data.me != null && <Myself me={query.data.me} />}
      {query.data.me != null && <Password />}
      {query.data.me != null && <SecondFactors />}
      <Sessions sessions={query.data.sessions} />
      <Consents />
      <Api />
    </>
  );
}

function Myself({ me }: { me: NonNullable<OwnAccountQuery['me']> }) {
  const { t } = useTranslation('settings');
  const { name, phone, jobTitle, email } = me.member;
  const save = (fields: FormData) =>
    doIt(DescribeMyselfDocument, {
      name: textOf(fields, 'name'),
      phone: textOf(fields, 'phone') || undefined,
      jobTitle: textOf(fields, 'jobTitle') || undefined,
    });
  return (
    <Saved title={t('me.title')} why={email ?? undefined} save={save} said={t('me.said')} may>
      <TextInput name="name" label={t('me.name')} defaultValue={name ?? ''} required maxLength={200} autoComplete="name" />
      <TextInput name="jobTitle" label={t('me.jobTitle')} defaultValue={jobTitle ?? ''} maxLength={200} autoComplete="organization-title" />
      <TextInput name="phone" type="tel" label={t('me.phone')} defaultValue={phone ?? ''} maxLength={50} autoComplete="tel" />
    </Saved>
  );
}

function Password() {
  const { t } = useTranslation('settings');
  const save = (fields: FormData) =>
    doIt(ChangePasswordDocument, { present: String(fields.get('present') ?? ''), password: String(fields.get('password') ?? '') });
  return (
    <Saved title={t('password.title')} why={t('password.why')} save={save} said={t('password.said')} may forgets>
      <PasswordInput name="present" label={t('password.present')} autoComplete="current-password" required />
      <PasswordInput
        name="password"
        label={t('password.next')}
        description={t('password.rule')}
        autoComplete="new-password"
        minLength={10}
        required
      />
    </Saved>
  );
}

function Sessions({ sessions }: { sessions: OwnAccountQuery['sessions'] }) {
  const { t } = useTranslation('settings');
  const end = useDo(EndSessionDocument, KEY, () => t('sessions.said'));
  const queries = useQueryClient();
  const others = useMutation({
    mutationFn: async () => payloadOf(await ask(EndOtherSessionsDocument, {})),
    onSuccess: () => {
      sayDone({ said: t('sessions.saidOthers') });
      void queries.invalidateQueries({ queryKey: KEY });
    },
  });
  const error = end.error ?? others.error;
  const reason = useReason(error);
  return (
    <Panel title={t('sessions.title')}>
      {error && <p role="alert">{reason}</p>}
      <ul className={css.rows}>
        {sessions.map(({ id, present, browser, system, address, used }) => {
          const name = [browser, system].filter(Boolean).join(', ') || t('sessions.device');
          return (
            <li key={id}>
              <div>
                <strong>{name}</strong> {present && <span className="muted">{t('sessions.this')}</span>}
                <p className="muted">
                  {address} · {t('sessions.used')} <When at={used} />
                </p>
              </div>
              {!present && (
                <Button
                  size="xs"
                  variant="default"
                  aria-label={t('sessions.endOf', { name })}
                  onClick={() => end.mutate({ sessionId: id })}
                >
                  {t('sessions.end')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {sessions.length > 1 && (
        <Button variant="default" onClick={() => others.mutate()} loading={others.isPending}>
          {t('sessions.endOthers')}
        </Button>
      )}
    </Panel>
  );
}

function Consents() {
  const { t } = useTranslation('settings');
  const { consent } = useSession();
  const save = async (fields: FormData) => {
    const table: { version: number } = await (await fetch('/cookies.json')).json();
    const [functional, analytics] = [fields.has('functional'), fields.has('analytics')];
    return commandNow(SetConsentDocument, { version: table.version, functional, analytics });
  };
  return (
    <Saved title={t('consents.title')} why={t('consents.why')} save={save} said={t('consents.said')} may>
      <Checkbox name="functional" label={t('consents.functional')} defaultChecked={consent?.functional ?? false} />
      <Checkbox name="analytics" label={t('consents.analytics')} defaultChecked={consent?.analytics ?? false} />
      <a href="/cookies">{t('consents.cookies')}</a>
    </Saved>
  );
}

function Api() {
  const { t } = useTranslation('settings');
  return (
    <Panel title={t('api.title')}>
      <p className="muted">{t('api.why')}</p>
      <Link to="/graphiql">{t('api.open')}</Link>
    </Panel>
  );
}
