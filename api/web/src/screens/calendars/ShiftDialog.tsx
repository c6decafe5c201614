import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core';
import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refusal } from '../../api/query';
import { FormDialog } from '../../app/FormDialog';
import css from './calendars.module.css';
import { useWeekdays } from './useWeekdays';
import { clockOf, DAY, minutesOf, type WeekShift } from './week';

interface ShiftDialogProps {
  shift: WeekShift;
  isNew: boolean;
  /** The same on each of the days that were chosen. */
  save: (shifts: Omit<WeekShift, 'id'>[]) => void;
  remove: () => void;
  close: () => void;
}

/** A shift by its times: whatever can be done by hand can be typed. */
export function ShiftDialog({ shift, isNew, save, remove, close }: ShiftDialogProps) {
  const { t } = useTranslation('calendars');
  const names = useWeekdays('long');
  const [days, setDays] = useState<readonly number[]>([shift.day]);
  const [times, setTimes] = useState({ from: clockOf(shift.from), to: clockOf(shift.from + shift.length), name: shift.name });
  const [breaks, setBreaks] = useState(() =>
    shift.breaks.map((one, key) => ({ key, from: clockOf(shift.from + one.after), to: clockOf(shift.from + one.after + one.length) })),
  );
  const submit = () => {
    const [from, to] = [minutesOf(times.from), minutesOf(times.to)];
    const clocks = breaks.map((one) => [minutesOf(one.from), minutesOf(one.to)] as const);
    if (from === undefined || to === undefined || clocks.some((one) => one.includes(undefined))) {
      return Promise.reject(new Refusal('FAULTY', t('fault.clock')));
    }
    if (days.length === 0) return Promise.reject(new Refusal('FAULTY', t('fault.days')));
    const length = (to - from + DAY) % DAY || DAY;
    const all = clocks.map(([begins = 0, ends = 0]) => ({ after: (begins - from + DAY) % DAY, length: (ends - begins + DAY) % DAY }));
    save(days.map((day) => ({ day, from, length, name: times.name.trim(), breaks: all })));
    return Promise.resolve();
  };
  const putBreak = (key: number, field: 'from' | 'to') => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setBreaks((all) => all.map((one) => (one.key === key ? { ...one, [field]: value } : one)));
  };
  const put = (field: keyof typeof times) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setTimes((all) => ({ ...all, [field]: value }));
  };
  return (
    <FormDialog title={isNew ? t('shift.add') : t('shift.edit')} name={t('shift.take')} submit={submit} close={close}>
      <fieldset className={css.days}>
        <legend>{t('shift.days')}</legend>
        {names.map((name, day) => (
          <Checkbox
            key={name}
            label={name}
            checked={days.includes(day)}
            onChange={({ currentTarget: { checked } }) =>
              setDays((all) => (checked ? [...all, day].sort() : all.filter((one) => one !== day)))
            }
          />
        ))}
      </fieldset>
      <div className={css.times}>
        <TextInput type="time" label={t('shift.from')} value={times.from} onChange={put('from')} required data-autofocus />
        <TextInput type="time" label={t('shift.to')} value={times.to} onChange={put('to')} required />
      </div>
      <p className="muted">{t('shift.toWhat')}</p>
      <TextInput label={t('shift.name')} value={times.name} onChange={put('name')} dir="auto" />
      <fieldset className={css.breaks}>
        <legend>{t('break.title')}</legend>
        {breaks.map((one) => (
          <div key={one.key} className={css.times}>
            <TextInput type="time" aria-label={t('break.from')} value={one.from} onChange={putBreak(one.key, 'from')} required />
            <TextInput type="time" aria-label={t('break.to')} value={one.to} onChange={putBreak(one.key, 'to')} required />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('break.remove', { from: one.from })}
              onClick={() => setBreaks((all) => all.filter(({ key }) => key !== one.key))}
            >
              <Trash2 size={14} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setBreaks((all) => [...all, { key: Math.max(-1, ...all.map(({ key }) => key)) + 1, from: '12:00', to: '12:30' }])}
        >
          {t('break.add')}
        </Button>
      </fieldset>
      {!isNew && (
        <div>
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            onClick={() => {
              remove();
              close();
            }}
          >
            {t('shift.remove')}
          </Button>
        </div>
      )}
    </FormDialog>
  );
}
