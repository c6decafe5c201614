import { useTranslation } from 'react-i18next';
import { signOut } from '../api/session';
import { sayDone } from './undo';

/** Signs out; whoever is still in is told so, and can ask again. */
export function useSignOut(): () => Promise<void> {
  const { t } = useTranslation('app');
  const out = (): Promise<void> =>
    signOut().catch(() => sayDone({ said: t('person.stillIn'), action: { name: t('person.signOut'), run: out } }));
  return out;
}
