import { Alert, Button, NativeSelect } from '@mantine/core';
import '@mantine/core/styles/Alert.layer.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import { StartCalendarDocument, StartCompanyCalendarDocument } from '../../api/generated/start';
import { Refusal } from '../../api/query';
import { sayDone } from '../../app/undo';
import { useReason } from '../../design/states';
import { clocksOf, PRESETS, type Preset, shiftsOf } from './hours';
import css from './start.module.css';

const CODE = 'STD';

/** When the company works: a preset, its clocks to be changed. */
export function HoursForm() {
  const { t } = useTranslation('start');
  const queries = useQueryClient();
  const [preset, setPreset] = useState<Preset>('one');
  const [clocks, setClocks] = useState(clocksOf('one'));
  const saving = useMutation({
    mutationFn: async () => {
      const made = command(StartCalendarDocument, { code: CODE, name: t(`preset.${preset}`), shifts: shiftsOf(preset, clocks) });
      // Who came this far before has it already.
      await made.catch((error: unknown) => {
        if (!(error instanceof Refusal) || !error.code.endsWith('_EXISTS')) throw error;
      });
      await command(StartCompanyCalendarDocument, { calendarCode: CODE });
    },
    onSuccess: () => {
      sayDone({ said: t('hours.set') });
      return queries.invalidateQueries();
    },
  });
  const reason = useReason(saving.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className={css.hours} onSubmit={submit}>
      <NativeSelect
        label={t('hours.preset')}
        value={preset}
        data={PRESETS.map((one) => ({ value: one, label: t(`preset.${one}`) }))}
        onChange={({ currentTarget: { value } }) => {
          const next = PRESETS.find((one) => one === value) ?? 'one';
          setPreset(next);
          setClocks(clocksOf(next));
        }}
      />
      {preset !== 'always' &&
        clocks.map(({ from, to }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a shift is its place
          <div key={at} className={css.clocks}>
            {(['from', 'to'] as const).map((end) => (
              <label key={end}>
                {t(`hours.${end}`, { at: at + 1 })}
                <input
                  type="time"
                  required
                  value={end === 'from' ? from : to}
                  onChange={({ currentTarget: { value } }) =>
                    setClocks((all) => all.map((one, place) => (place === at ? { ...one, [end]: value } : one)))
                  }
                />
              </label>
            ))}
          </div>
        ))}
      {saving.error && (
        <Alert color="red" variant="light" role="alert">
          {reason}
        </Alert>
      )}
      <Button type="submit" loading={saving.isPending}>
        {t('hours.save')}
      </Button>
    </form>
  );
}
