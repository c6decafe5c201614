// Working hours as most shops have them, to begin with. Whoever has others changes them under calendars.
import type { StartCalendarMutationVariables } from '../../api/generated/start';

export type Shift = StartCalendarMutationVariables['input']['shifts'] extends infer All
  ? All extends readonly (infer One)[]
    ? One
    : All
  : never;

const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'] as const;
const DAYS = [...WEEKDAYS, 'SATURDAY', 'SUNDAY'] as const;

export const PRESETS = ['one', 'two', 'three', 'always'] as const;
export type Preset = (typeof PRESETS)[number];

const HOURS: Record<Preset, { days: readonly (typeof DAYS)[number][]; shifts: [string, string, string?, string?][] }> = {
  one: { days: WEEKDAYS, shifts: [['07:00', '15:30', '11:00', '11:30']] },
  two: {
    days: WEEKDAYS,
    shifts: [
      ['06:00', '14:00', '10:00', '10:30'],
      ['14:00', '22:00', '18:00', '18:30'],
    ],
  },
  three: {
    days: WEEKDAYS,
    shifts: [
      ['06:00', '14:00'],
      ['14:00', '22:00'],
      ['22:00', '06:00'],
    ],
  },
  always: { days: DAYS, shifts: [['00:00', '00:00']] },
};

/** The clock of a preset, to be shown and changed. */
export const clocksOf = (preset: Preset): { from: string; to: string }[] => HOURS[preset].shifts.map(([from, to]) => ({ from, to }));

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** Shifts as the server takes them; a break stays where it still lies within its shift. */
export function shiftsOf(preset: Preset, clocks: readonly { from: string; to: string }[]): Shift[] {
  const { days, shifts } = HOURS[preset];
  return clocks.map(({ from, to }, at) => {
    const [, , rest, work] = shifts[at] ?? [];
    const isWithin = rest !== undefined && work !== undefined && minutes(from) < minutes(rest) && minutes(work) < minutes(to);
    return { days: [...days], from, to, breaks: isWithin ? [{ from: rest, to: work }] : [] } as Shift;
  });
}
