import { describe, expect, it } from 'vitest';
import { decimalOf, orderOf, readDate, readDuration, readNumber, unitOf } from './values';

const iso = (text: string, order: 'dmy' | 'mdy' | 'ymd' = 'dmy') => {
  const wall = readDate(text, order);
  return wall && new Date(wall.at).toISOString().slice(0, wall.hasTime ? 16 : 10);
};

describe('numbers', () => {
  it.each([
    ['1234', 1234],
    ['1 234,5', 1234.5],
    ['1.234,56', 1234.56],
    ['1,234.56', 1234.56],
    ["1'234.5", 1234.5],
    ['0,5', 0.5],
    ['.5', 0.5],
    ['-3', -3],
    ['1.234.567', 1234567],
    ['12.5', 12.5],
  ])('%s is %d', (text, value) => {
    expect(readNumber(text, ',')).toBe(value);
  });

  it('with one sign before three digits are as the file writes them', () => {
    expect([readNumber('1.250', ','), readNumber('1.250', '.'), readNumber('1,250', '.')]).toEqual([1250, 1.25, 1250]);
    expect([decimalOf(['1.250', '3,5']), decimalOf(['1.250']), decimalOf(['2.5'])]).toEqual([',', undefined, '.']);
  });

  it.each(['', 'ten', '1,2,3.4.5', '5 pcs', '1e5', '--1', 'NaN', 'Infinity'])('“%s” is none', (text) => {
    expect(readNumber(text, '.')).toBeUndefined();
  });
});

describe('dates', () => {
  it.each([
    ['2026-12-24', '2026-12-24'],
    ['2026-12-24T14:30:00Z', undefined],
    ['2026-12-24 14:30', '2026-12-24T14:30'],
    ['24.12.2026', '2026-12-24'],
    ['24.12.26', '2026-12-24'],
    ['1.2.2026 7:05', '2026-02-01T07:05'],
    ['24/12/2026', '2026-12-24'],
    ['2026/12/24', '2026-12-24'],
    ['20261224', '2026-12-24'],
    ['24 Dec 2026', '2026-12-24'],
    ['24. Dezember 2026', '2026-12-24'],
    ['24 de diciembre de 2026', '2026-12-24'],
    ['24. detsember 2026', '2026-12-24'],
    ['Thu, 24 Dec 2026', '2026-12-24'],
    ['December 24, 2026', '2026-12-24'],
    ['46380', '2026-12-24'],
    ['46380.5', '2026-12-24T12:00'],
    ['12/24/2026 2:30 pm', '2026-12-24T14:30'],
    ['30.02.2026', undefined],
    ['soon', undefined],
    ['24.13.2026', undefined],
    ['24.12.2026 25:00', undefined],
  ])('%s is %s', (text, date) => {
    expect(iso(text)).toBe(date);
  });

  it('that could be read either way are read as the file writes the others', () => {
    expect([iso('03/04/2026', 'dmy'), iso('03/04/2026', 'mdy'), iso('03.04.2026', 'mdy')]).toEqual([
      '2026-04-03',
      '2026-03-04',
      '2026-04-03',
    ]);
    expect([orderOf(['03/04/2026', '12/24/2026']), orderOf(['24/12/2026']), orderOf(['03/04/2026'])]).toEqual(['mdy', 'dmy', undefined]);
  });
});

describe('lengths of time', () => {
  it.each([
    ['45', 2700],
    ['1:30', 5400],
    ['1:30:05', 5405],
    ['90 min', 5400],
    ['1,5 h', 5400],
    ['2 h 15 min', 8100],
    ['2h15m', 8100],
    ['30s', 30],
    ['PT1H30M', 5400],
    ['2 Std', 7200],
    ['15 minutit', 900],
    ['3 horas', 10800],
    ['0', 0],
  ])('%s is %d s', (text, seconds) => {
    expect(readDuration(text, 'min', ',')).toBe(seconds);
  });

  it.each(['', 'long', '-5', '1:75', '5 apples', 'PT'])('“%s” is none', (text) => {
    expect(readDuration(text, 'min', '.')).toBeUndefined();
  });

  it('take the unit that the heading names', () => {
    expect(['Setup (h)', 'Rüstzeit [min]', 'cycle_sec', 'Setup', 'Hours'].map(unitOf)).toEqual(['h', 'min', 's', undefined, 'h']);
  });
});
