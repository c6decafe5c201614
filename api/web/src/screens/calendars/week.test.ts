import { describe, expect, it } from 'vitest';
import { begun, clockOf, DAY, faultsOf, lengthened, minutesOf, moved, piecesOf, shiftInputs, type WeekShift, weekOf, workOf } from './week';

const shift = (id: number, day: number, from: string, hours: number, breaks: WeekShift['breaks'] = []): WeekShift => ({
  id,
  day,
  from: minutesOf(from) ?? 0,
  length: hours * 60,
  name: '',
  breaks,
});

it('a clock is minutes, and what is no clock is nothing', () => {
  expect(['06:30', '6:30', '23:59:00', '24:00', '12:60', 'noon', ''].map(minutesOf)).toEqual([
    390,
    390,
    1439,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect([0, 390, DAY, -30].map(clockOf)).toEqual(['00:00', '06:30', '00:00', '23:30']);
});

describe('a week comes from the API and goes back', () => {
  it('as it was, a night in one piece, the same on several days said once', () => {
    const night = { from: '22:00', to: '06:00', breaks: [{ from: '02:00', to: '02:30' }], name: 'night' };
    const week = weekOf([
      { ...night, day: 'TUESDAY' },
      { ...night, day: 'MONDAY' },
    ]);
    expect(week[0]).toMatchObject({ day: 1, from: 1320, length: 480, breaks: [{ after: 240, length: 30 }] });
    expect(shiftInputs(week)).toEqual([{ ...night, days: ['MONDAY', 'TUESDAY'] }]);
    expect(workOf(week)).toBe(900);
  });

  it('also where it is a whole day', () => {
    const week = weekOf([{ day: 'SUNDAY', from: '00:00', to: '00:00', name: null, breaks: [] }]);
    expect(week[0]?.length).toBe(DAY);
    expect(shiftInputs(week)).toEqual([{ days: ['SUNDAY'], from: '00:00', to: '00:00', breaks: [] }]);
  });
});

describe('hands move a shift', () => {
  it('by quarters of an hour, over the end of the week', () => {
    expect(moved(shift(1, 0, '06:00', 8), 22)).toMatchObject({ day: 0, from: 375 });
    expect(moved(shift(1, 6, '22:00', 8), 180)).toMatchObject({ day: 0, from: 60, length: 480 });
    expect(moved(shift(1, 0, '00:00', 8), -15)).toMatchObject({ day: 6, from: 1425 });
  });

  it('to another length, a quarter at least and a day at most', () => {
    expect(lengthened(shift(1, 0, '06:00', 8), 60).length).toBe(540);
    expect(lengthened(shift(1, 0, '06:00', 8), -9_999).length).toBe(15);
    expect(lengthened(shift(1, 0, '06:00', 8), 9_999).length).toBe(DAY);
  });

  it('to another beginning: its end and its breaks stay', () => {
    const later = begun(shift(1, 0, '06:00', 8, [{ after: 240, length: 30 }]), 60);
    expect(later).toMatchObject({ from: 420, length: 420, breaks: [{ after: 180, length: 30 }] });
    const earlier = begun(shift(1, 0, '00:00', 8), -60);
    expect(earlier).toMatchObject({ day: 6, from: 1380, length: 540 });
  });
});

describe('what would be refused is marked', () => {
  it('shifts that overlap, around the end of the week too; those that touch do not', () => {
    expect([...faultsOf([shift(1, 0, '06:00', 8), shift(2, 0, '14:00', 8)])]).toEqual([]);
    expect([...faultsOf([shift(1, 0, '06:00', 9), shift(2, 0, '14:00', 8)]).keys()].sort()).toEqual([1, 2]);
    expect([...faultsOf([shift(1, 6, '22:00', 8), shift(2, 0, '05:00', 8)]).values()]).toEqual(['overlap', 'overlap']);
  });

  it('breaks outside of their shift, and those that overlap', () => {
    expect(faultsOf([shift(1, 0, '06:00', 8, [{ after: 470, length: 30 }])]).get(1)).toBe('break');
    expect(
      faultsOf([
        shift(1, 0, '06:00', 8, [
          { after: 0, length: 30 },
          { after: 15, length: 30 },
        ]),
      ]).get(1),
    ).toBe('break');
    expect(faultsOf([shift(1, 0, '06:00', 8, [{ after: -15, length: 30 }])]).get(1)).toBe('break');
  });
});

it('a night is drawn on both days', () => {
  expect(piecesOf([shift(1, 6, '22:00', 8)]).map(({ day, from, to, goesOn }) => [day, from, to, goesOn])).toEqual([
    [6, 1320, 1440, false],
    [0, 0, 360, true],
  ]);
});
