// What is refused is said in the tablet's language: codes that can come to a tablet have words in all four, and the rest says whom to ask.
import { readFileSync } from 'node:fs';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { i18next, startTexts } from '../../i18n';
import { useRefusal } from './useFault';

const codes: Record<string, string[]> = JSON.parse(readFileSync('../../tests/goldens/error-codes.json', 'utf8'));

/** What can't come to a tablet: planning, creating and reporting afterwards is asked of the office. */
const ELSEWHERE = [
  ...['JOB_EXISTS', 'OPERATION_EXISTS', 'OPERATION_BEGUN', 'OPERATION_OPEN', 'WORK_CENTER_NOT_FOUND'],
  ...['SKILL_MISSING', 'SKILL_LAPSED', 'OPERATOR_ABSENT', 'REPORT_CHANGED', 'REPORT_NOT_FOUND', 'OVERLAP_REASON_REQUIRED'],
  ...['INTERVAL_REVERSED', 'INTERVAL_TOO_LONG', 'INTERVAL_IN_FUTURE', 'CALENDAR_NOT_FOUND', 'MACHINE_EXISTS'],
  ...['CAPACITY_OUT_OF_RANGE', 'SPEED_OUT_OF_RANGE', 'COST_OUT_OF_RANGE', 'MAINTENANCE_NOT_FOUND', 'MAINTENANCE_TOO_MANY'],
  // The tablet always sends these, or never does what they are about.
  ...['OPERATOR_REQUIRED', 'BREAK_NOT_STARTED', 'REASON_REQUIRED', 'ID_NOT_OF_KEY', 'COMMAND_TOO_LARGE'],
];
const here = ['job', 'machine', 'command'].flatMap((group) => codes[group] ?? []).filter((code) => !ELSEWHERE.includes(code));

const said: Record<string, string> = {};
function Said({ code, message }: { code: string; message: string }) {
  said[code] = useRefusal()({ code, message });
  return null;
}

async function refusal(code: string, message: string): Promise<string | undefined> {
  const root = createRoot(document.createElement('div'));
  await act(async () => root.render(<Said code={code} message={message} />));
  await act(async () => root.unmount());
  return said[code];
}

beforeAll(async () => {
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  await startTexts('de');
  await i18next.loadNamespaces('terminal');
});

describe.each(['en', 'de', 'et', 'es'])('in %s', (language) => {
  beforeAll(() => act(() => i18next.changeLanguage(language)));

  it.each([...new Set([...here, 'CONFLICT'])])('%s has words of its own', async (code) => {
    const words = await refusal(code, 'as the server says it');
    expect(words).not.toContain('as the server says it');
    expect(words).toMatch(/\p{L}{2}.*[.!]$/u);
  });

  it('what has none says whom to show it to', async () => {
    const words = await refusal('NEW_CODE', 'the moon is full');
    expect(words).toBe(i18next.t('terminal:fault.other', { said: 'the moon is full' }));
    expect(words).toContain('the moon is full');
    expect(words).not.toBe('the moon is full');
  });
});
