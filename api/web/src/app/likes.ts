// What somebody chooses for themselves takes effect at once; that it may be kept on this device is asked when they first choose.
import { useTranslation } from 'react-i18next';
import { commandNow } from '../api/command';
import { SetConsentDocument } from '../api/generated/api';
import { queries } from '../api/queries';
import { sessionQuery, useSession } from '../api/session';
import type { Language } from '../i18n';
import { keep, mayKeepOnDevice } from './kept';
import { sayDone } from './undo';

/** Of which version the table is that people agree to. */
async function tableVersion(): Promise<number> {
  const said: { version: number } = await (await fetch('/cookies.json')).json();
  return said.version;
}

export function useLikes() {
  const { i18n } = useTranslation('app');
  const { consent, viewer } = useSession();
  const agree = async () => {
    await commandNow(SetConsentDocument, { version: await tableVersion(), functional: true, analytics: consent?.analytics ?? false });
    mayKeepOnDevice(true, viewer);
    await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  const offer = () => {
    if (consent?.current && consent.functional) return;
    // In the language that was just chosen.
    sayDone({ said: i18n.t('app:likes.untilClosed'), action: { name: i18n.t('app:likes.keep'), run: agree } });
  };
  return {
    chooseLanguage: (language: Language) => {
      keep('language', language);
      void i18n.changeLanguage(language).then(offer);
    },
    choseLook: offer,
  };
}
