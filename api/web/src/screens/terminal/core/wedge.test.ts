import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { amountOf, pressed, stepped } from './typed';
import { FieldWedge, Wedge } from './wedge';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listened() {
  const [keys, scans]: [string[], string[]] = [[], []];
  return { keys, scans, wedge: new Wedge({ key: (key) => keys.push(key), scan: (text) => scans.push(text) }) };
}

describe('keys', () => {
  it('in a burst that ends with Enter are a scan, and no keys of a person', () => {
    const { keys, scans, wedge } = listened();
    for (const [at, key] of [...'B-4711', 'Enter'].entries()) wedge.press(key, at * 8);
    vi.runAllTimers();
    expect([scans, keys]).toEqual([['B-4711'], []]);
  });

  it('one by one are a person’s, Enter with them', () => {
    const { keys, scans, wedge } = listened();
    [...'1379', 'Enter'].forEach((key, at) => {
      wedge.press(key, at * 180);
      vi.advanceTimersByTime(180);
    });
    expect([scans, keys]).toEqual([[], ['1', '3', '7', '9', 'Enter']]);
  });

  it('that are few are a person’s, however quick', () => {
    const { keys, scans, wedge } = listened();
    for (const [at, key] of [...'12', 'Enter'].entries()) wedge.press(key, at * 5);
    expect([scans, keys]).toEqual([[], ['1', '2', 'Enter']]);
  });

  it('that mean something else are left alone', () => {
    const { wedge } = listened();
    expect(['Tab', 'Shift', 'ArrowLeft', 'F5'].map((key) => wedge.press(key, 0))).toEqual([false, false, false, false]);
  });
});

describe('keys in a field', () => {
  /** Types them with so much time between; tells what was heard last, and what stands in the field then. */
  const typed = (keys: string[], every: number, value = '') => {
    const wedge = new FieldWedge();
    return keys.map((key, at) => {
      const heard = wedge.press(key, at * every, value);
      if (key.length === 1) value += key;
      return heard;
    });
  };

  it('are a scan where they come at once and end with Enter: what stood there before is known', () => {
    expect(typed([...'B-4711', 'Enter'], 8, 'ott').at(-1)).toEqual({ scanned: 'B-4711', before: 'ott' });
    expect(typed(['Shift', 'B', '-', '4', '7', 'Enter'], 8).at(-1)).toEqual({ scanned: 'B-47', before: '' });
  });

  it('are a person’s where they come one by one, or are few', () => {
    expect(typed([...'B-4711', 'Enter'], 150)).toEqual(Array(7).fill(undefined));
    expect(typed([...'471', 'Enter'], 8)).toEqual(Array(4).fill(undefined));
  });

  it('of which the last ones come at once are a scan of those', () => {
    const wedge = new FieldWedge();
    wedge.press('o', 0, '');
    for (const [at, key] of [...'4711'].entries()) wedge.press(key, 300 + at * 8, `o${'4711'.slice(0, at)}`);
    expect(wedge.press('Enter', 340, 'o4711')).toEqual({ scanned: '4711', before: 'o' });
  });
});

describe('a number', () => {
  const typed = (keys: string) => [...keys].reduce((text, key) => pressed(text, key === '<' ? 'Backspace' : key), '');

  it('is typed with one point and at most three places', () => {
    expect(['40', '007', '1.5', '1,25', '.5', '1.2345', '1..2', '40<<', 'x1'].map(typed)).toEqual([
      '40',
      '7',
      '1.5',
      '1.25',
      '0.5',
      '1.234',
      '1.2',
      '',
      '1',
    ]);
  });

  it('is never less than nothing', () => {
    expect([stepped('', -1), stepped('1', -1), stepped('0.5', -1), stepped('2', 1), stepped('1.5', 1)]).toEqual(['', '', '', '3', '2.5']);
    expect([amountOf(''), amountOf('1.'), amountOf('12.5')]).toEqual([0, 1, 12.5]);
  });
});
