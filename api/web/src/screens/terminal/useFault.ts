// What was asked and could not be done, in words of the floor.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refusal, Unreachable } from '../../api/query';
import { useWords } from './useTerminal';

/** Refusals that are said in the language of the tablet; others as the server says them. */
const KNOWN = [
  'PIN_REFUSED',
  'CODE_REFUSED',
  'TERMINAL_REFUSED',
  'NETWORK_REFUSED',
  'NOT_FOUND',
  'JOB_NOT_FOUND',
  'JOB_PAUSED',
  'JOB_BLOCKED',
  'JOB_COMPLETED',
  'JOB_CANCELLED',
  'JOB_NOT_RELEASED',
  'OPERATION_NOT_FOUND',
  'OPERATION_FINISHED',
  'OPERATOR_NOT_AT_WORK',
  'OTHERS_AT_WORK',
  'OPERATOR_INACTIVE',
  'MACHINE_UNAVAILABLE',
  'MACHINE_NOT_FOUND',
  'HAPPENED_BEFORE_WORK',
  'HAPPENED_TOO_LONG_AGO',
  'WORK_OPEN_TOO_LONG',
] as const;
type Known = (typeof KNOWN)[number];
const isKnown = (code: string): code is Known => KNOWN.some((one) => one === code);

/** Why the server has not done something. */
export function useRefusal(): (refused: { code: string; message: string }) => string {
  const { t } = useTranslation('terminal');
  return ({ code, message }) => {
    if (isKnown(code)) return t(`refused.${code}`);
    const capital = message.charAt(0).toUpperCase() + message.slice(1);
    return /[.!?]$/.test(capital) ? capital : `${capital}.`;
  };
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
