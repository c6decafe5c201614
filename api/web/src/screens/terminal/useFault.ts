// What was asked and could not be done, in words of the floor.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refusal, Unreachable } from '../../api/query';
import type { Texts } from '../../i18n/generated/texts';
import { useWords } from './useTerminal';

type Said = keyof Texts['terminal']['refused'];

/** Why the server has not done something, in the language of the tablet. What has no words of its own is shown to who reads the server's. */
export function useRefusal(): (refused: { code: string; message: string }) => string {
  const { t, i18n } = useTranslation('terminal');
  const isSaid = (code: string): code is Said => i18n.exists(`terminal:refused.${code}`);
  return ({ code, message }) => (isSaid(code) ? t(`refused.${code}`) : t('fault.other', { said: message }));
}

/** Runs something, and keeps why it was not done. */
export function useFault() {
  const { t } = useTranslation('terminal');
  const words = useWords();
  const refusal = useRefusal();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const said = (): string | undefined => {
    if (error === undefined) return undefined;
    if (error instanceof Unreachable) return t('fault.unreachable');
    if (!(error instanceof Refusal)) return t('fault.notKept');
    if (error.waitSeconds !== undefined) return t('fault.wait', { time: words.roughly(error.waitSeconds) });
    return error.code === 'INTERNAL' ? t('fault.ours') : refusal(error);
  };
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
      return true;
    } catch (failed) {
      setError(failed);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { fault: said(), error, isBusy, run, clear: () => setError(undefined) };
}
