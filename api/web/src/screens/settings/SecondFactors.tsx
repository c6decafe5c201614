// Second factors: an authenticator app by its picture, passkeys, recovery codes. Each change asks for the password once more.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import '@mantine/core/styles/PasswordInput.layer.css';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../design/Panel';
import { CopyButton } from '../../design/Secret';
import { Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import { Ask } from '../members/Ask';
import { type AppBegun, addPasskey, beginApp, canPasskeys, confirmApp, list, newCodes, removeApp, removePasskey } from './factors';
import css from './settings.module.css';

const KEY = ['settings', 'factors'];

type Asked = { at: 'addApp' | 'removeApp' | 'newCodes' | 'addPasskey' } | { at: 'removePasskey'; id: string; label: string };
type Shown = { app: AppBegun } | { codes: string[] };

export function SecondFactors() {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const query = useQuery({ queryKey: KEY, queryFn: list, refetchOnWindowFocus: false });
  const [asked, setAsked] = useState<Asked>();
  const [shown, setShown] = useState<Shown>();
  const done = (codes: string[] | undefined) => {
    setAsked(undefined);
    setShown(codes !== undefined && codes.length > 0 ? { codes } : undefined);
    void queries.invalidateQueries({ queryKey: KEY });
  };
  if (query.data === undefined) {
    return (
      <Panel title={t('factors.title')}>
        {query.error ? <Failure error={query.error} retry={() => void query.refetch()} compact /> : <SkeletonRows rows={3} />}
      </Panel>
    );
  }
  const { totp, recoveryCodes, passkeys, passkeysAt } = query.data;
  const isHere = passkeysAt === location.origin;
  return (
    <Panel title={t('factors.title')}>
      <ul className={css.rows}>
        <li>
          <div>
            <strong>{t('factors.app')}</strong>
            <p className="muted">{totp ? t('factors.appOn') : t('factors.appOff')}</p>
          </div>
          <Button size="xs" variant="default" onClick={() => setAsked({ at: totp ? 'removeApp' : 'addApp' })}>
            {t(totp ? 'ask.removeApp' : 'ask.addApp')}
          </Button>
        </li>
        {passkeys.map(({ id, label, added }) => (
          <li key={id}>
            <div>
              <strong>{label}</strong>
              <p className="muted">
                {t('factors.added')} <When at={added} />
              </p>
            </div>
            <Button size="xs" variant="default" onClick={() => setAsked({ at: 'removePasskey', id, label })}>
              {t('ask.removePasskey')}
            </Button>
          </li>
        ))}
        <li>
          <div>
            <strong>{t('factors.passkey')}</strong>
            <p className="muted">
              {isHere && canPasskeys() ? t('factors.passkeyWhy') : t('factors.passkeyElsewhere', { origin: passkeysAt ?? '–' })}
            </p>
          </div>
          {isHere && canPasskeys() && (
            <Button size="xs" variant="default" onClick={() => setAsked({ at: 'addPasskey' })}>
              {t('ask.addPasskey')}
            </Button>
          )}
        </li>
        {(totp || passkeys.length > 0) && (
          <li>
            <div>
              <strong>{t('factors.codes')}</strong>
              <p className="muted">{t('factors.codesLeft', { count: recoveryCodes })}</p>
            </div>
            <Button size="xs" variant="default" onClick={() => setAsked({ at: 'newCodes' })}>
              {t('ask.newCodes')}
            </Button>
          </li>
        )}
      </ul>
      {asked !== undefined && <Again asked={asked} close={() => setAsked(undefined)} done={done} showApp={(app) => setShown({ app })} />}
      {shown !== undefined && 'app' in shown && <App app={shown.app} close={() => setShown(undefined)} done={done} />}
      {shown !== undefined && 'codes' in shown && <Codes codes={shown.codes} close={() => setShown(undefined)} />}
    </Panel>
  );
}

interface AgainProps {
  asked: Asked;
  close: () => void;
  done: (codes: string[] | undefined) => void;
  showApp: (app: AppBegun) => void;
}

/** The password once more, then it is done. */
function Again({ asked, close, done, showApp }: AgainProps) {
  const { t } = useTranslation('settings');
  const work = useMutation({
    mutationFn: async ({ password = '', label = '' }: Record<string, string>) => {
      if (asked.at === 'addApp') {
        const app = await beginApp(password);
        close();
        showApp(app);
        return;
      }
      if (asked.at === 'addPasskey') done((await addPasskey(label, password)).recoveryCodes);
      else if (asked.at === 'newCodes') done((await newCodes(password)).recoveryCodes);
      else {
        await (asked.at === 'removePasskey' ? removePasskey(asked.id, password) : removeApp(password));
        done(undefined);
      }
    },
  });
  const title = asked.at === 'removePasskey' ? t('ask.removeThis', { label: asked.label }) : t(`ask.${asked.at}`);
  return (
    <Ask
      title={title}
      does={t(`ask.${asked.at}`)}
      close={close}
      isBusy={work.isPending}
      error={work.error}
      submit={(fields) => work.mutate(fields)}
    >
      <p>{t(`askWhy.${asked.at}`)}</p>
      {asked.at === 'addPasskey' && <TextInput name="label" label={t('factors.label')} required maxLength={64} data-autofocus />}
      <PasswordInput name="password" label={t('factors.password')} autoComplete="current-password" required data-autofocus />
    </Ask>
  );
}

function App({ app, close, done }: { app: AppBegun; close: () => void; done: (codes: string[] | undefined) => void }) {
  const { t } = useTranslation('settings');
  const work = useMutation({ mutationFn: async (code: string) => done((await confirmApp(code)).recoveryCodes) });
  return (
    <Ask
      title={t('ask.addApp')}
      does={t('factors.turnOn')}
      close={close}
      isBusy={work.isPending}
      error={work.error}
      submit={({ code = '' }) => work.mutate(code)}
    >
      <p>{t('factors.scan')}</p>
      {app.qrCode && (
        <img className={css.picture} alt={t('factors.picture')} src={`data:image/svg+xml;utf8,${encodeURIComponent(app.qrCode)}`} />
      )}
      <p className="muted">
        {t('factors.key')} <code className={css.key}>{app.key.replace(/(.{4})(?=.)/g, '$1 ')}</code>
      </p>
      <TextInput
        name="code"
        label={t('factors.code')}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9 ]{6,7}"
        required
        data-autofocus
      />
    </Ask>
  );
}

/** Shown once. */
function Codes({ codes, close }: { codes: string[]; close: () => void }) {
  const { t } = useTranslation('settings');
  return (
    <Ask title={t('factors.keepCodes')} does={t('factors.kept')} close={close} isBusy={false} error={undefined} submit={close}>
      <p>{t('factors.codesWhy')}</p>
      <ul className={css.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <CopyButton text={codes.join('\n')} />
    </Ask>
  );
}
