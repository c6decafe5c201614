// Nobody's tablet yet: the code that an admin has made for it.
import { useLocation, useNavigate } from '@tanstack/react-router';
import { Link2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from './Big';
import { isWaiting } from './core/entry';
import { pairingCode, pairingCodeAfter } from './core/pairing';
import { Likes } from './Likes';
import { Scan } from './scan/Scan';
import { Title } from './Title';
import css from './terminal.module.css';
import { useFault } from './useFault';
import { useHere } from './useTerminal';

export function Pair() {
  const { t } = useTranslation('terminal');
  const { terminal, state } = useHere();
  const [navigate, hash] = [useNavigate(), useLocation({ select: (place) => place.hash })];
  const [code, setCode] = useState('');
  // Somebody has opened the address that the code was shown as: they still say themselves that this tablet shall be paired.
  useEffect(() => {
    const shown = pairingCodeAfter(hash);
    if (shown === '') return;
    setCode(shown);
    void navigate({ to: '/terminal', search: true, replace: true });
  }, [hash, navigate]);
  const { fault, isBusy, run } = useFault();
  const pair = (shown: string) => void run(() => terminal.pair(shown.trim()));
  const count = state.entries.filter(isWaiting).length;
  return (
    <form
      className={css.narrow}
      onSubmit={(event) => {
        event.preventDefault();
        pair(code);
      }}
    >
      <Title>{t('pair.title')}</Title>
      {state.wasNamed !== undefined && (
        <p role="status" className={css.fault}>
          {t('pair.was', { name: state.wasNamed })}
        </p>
      )}
      <p className={css.lead}>{t('pair.why')}</p>
      {count > 0 && <p className={css.lead}>{t('pair.kept', { count })}</p>}
      <label className={css.field}>
        {t('pair.code')}
        <input
          value={code}
          onChange={({ currentTarget: { value } }) => setCode(value.toUpperCase())}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={32}
          required
        />
      </label>
      {fault && (
        <p role="alert" className={css.fault}>
          {fault}
        </p>
      )}
      <Big icon={Link2} tone="go" type="submit" disabled={isBusy}>
        {t('pair.do')}
      </Big>
      <Scan
        what="code"
        read={(text) => {
          const shown = pairingCode(text);
          setCode(shown);
          pair(shown);
        }}
      />
      <Likes />
    </form>
  );
}
