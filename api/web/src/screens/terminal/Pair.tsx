// Nobody's tablet yet: the code that an admin has made for it.
import { Link2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from './Big';
import { isWaiting } from './core/entry';
import { Likes } from './Likes';
import { Scan } from './scan/Scan';
import { Title } from './Title';
import css from './terminal.module.css';
import { useFault } from './useFault';
import { useHere } from './useTerminal';

export function Pair() {
  const { t } = useTranslation('terminal');
  const { terminal, state } = useHere();
  const [code, setCode] = useState('');
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
          const shown = text.toUpperCase();
          setCode(shown);
          pair(shown);
        }}
      />
      <Likes />
    </form>
  );
}
