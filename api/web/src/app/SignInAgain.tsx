// The session has ended while somebody was at work: they sign in over what they were doing, and go on.
import { Alert, Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import '@mantine/core/styles/Alert.layer.css';
import '@mantine/core/styles/PasswordInput.layer.css';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SessionDocument } from '../api/generated/api';
import { post, refusalOf } from '../api/post';
import { askOnce, Refusal } from '../api/query';
import { sessionQuery, useSession } from '../api/session';
import { regained } from '../api/session-state';
import { isAnother } from '../api/who';
import form from '../design/form.module.css';
import { useReason } from '../design/states';
import css from './SignInAgain.module.css';

/** What signing in answers, as far as it is of use here. */
interface SignedIn {
  secondFactor?: { token: string; methods: string[] };
  enrolment?: object;
}

type Step = { at: 'password' } | { at: 'code'; token: string } | { at: 'elsewhere' };

async function entering(path: string, body: object): Promise<SignedIn> {
  const { response, said } = await post(path, body);
  if (!response.ok) throw refusalOf(response, said);
  return (said ?? {}) as SignedIn;
}

/** Where one goes after an answer: in, or to what this dialog asks next, or to the page that can ask anything. */
function nextStep({ secondFactor, enrolment }: SignedIn): Step | undefined {
  if (enrolment !== undefined) return { at: 'elsewhere' };
  if (secondFactor === undefined) return undefined;
  return secondFactor.methods.includes('totp') ? { at: 'code', token: secondFactor.token } : { at: 'elsewhere' };
}

export default function SignInAgain() {
  const { t } = useTranslation('app');
  const [queries, session] = [useQueryClient(), useSession()];
  const [step, setStep] = useState<Step>({ at: 'password' });
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const said = useReason(error);
  const code = error instanceof Refusal ? error.code : undefined;
  const reason = code === 'CREDENTIALS_REFUSED' ? t('again.refused') : code === 'CODE_REFUSED' ? t('again.codeRefused') : said;

  /** Goes on where the same person is in; another one does not. */
  const goOn = useCallback(async () => {
    const now = await askOnce(SessionDocument, {});
    const { tenantId, actorId } = session.viewer;
    if (now.viewer.tenantId !== tenantId || now.viewer.actorId !== actorId) {
      isAnother();
      // What waits for a session waits for its owner from now on.
      regained();
      return;
    }
    queries.setQueryData(sessionQuery.queryKey, now);
    regained();
  }, [queries, session]);

  // Who has signed in in another window, by passkey say, comes back to this one.
  useEffect(() => {
    const look = () => void goOn().catch(() => undefined);
    addEventListener('focus', look);
    return () => removeEventListener('focus', look);
  }, [goOn]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    setError(undefined);
    try {
      const said =
        step.at === 'code'
          ? await entering('/auth/second-factor', { token: step.token, code: fields['code'] })
          : await entering('/auth/sign-in', { email: fields['email'], password: fields['password'], remember: false });
      const next = nextStep(said);
      if (next === undefined) await goOn();
      else setStep(next);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t('again.title')}
      centered
    >
      <form onSubmit={(event) => void submit(event)} className={form.form}>
        <p className="muted">{t('again.why')}</p>
        {error !== undefined && (
          <Alert color="red" variant="light" role="alert">
            {reason}
          </Alert>
        )}
        {step.at === 'password' && (
          <>
            <TextInput
              name="email"
              type="email"
              label={t('again.email')}
              defaultValue={session.me?.member.email ?? ''}
              autoComplete="username"
              required
            />
            <PasswordInput name="password" label={t('again.password')} autoComplete="current-password" required data-autofocus />
          </>
        )}
        {step.at === 'code' && (
          <TextInput name="code" label={t('again.code')} inputMode="numeric" autoComplete="one-time-code" required data-autofocus />
        )}
        {step.at === 'elsewhere' && <p>{t('again.elsewhereWhy')}</p>}
        <div className={css.actions}>
          <a href="/sign-in" target="_blank" rel="noopener">
            {t('again.elsewhere')}
          </a>
          {step.at !== 'elsewhere' && (
            <Button type="submit" loading={isBusy}>
              {t('again.signIn')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}
