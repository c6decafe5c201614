import { describe, expect, it } from 'vitest';
import { arrived, type Place, sentTo } from './standing';

const iso = (at: number) => new Date(at).toISOString();
const start: Place = { at: 1_000, sent: [] };

describe('where somebody stands', () => {
  it('is where the last key led, while the address still says the one before', () => {
    let place = sentTo(start, { at: 9_000 }, iso(9_000));
    place = sentTo(place, { at: 5_000, position: '42' }, '42');
    // The address comes to the first key only now: from there the mark before would be another one.
    place = arrived(place, iso(9_000), 9_000);
    expect(place).toMatchObject({ at: 5_000, position: '42' });
    // Where position 42 lies is not answered yet: the screen still stands at the moment before.
    place = arrived(place, '42', 9_000);
    expect(place).toEqual({ at: 5_000, position: '42', said: '42', sent: [] });
    expect(arrived(place, '42', 5_000)).toMatchObject({ at: 5_000, position: '42' });
  });

  it('stays where the next key led when it is told only then where the one before had led', () => {
    const first = arrived(sentTo(start, { at: 5_000, position: '42' }, '42'), '42', 9_000);
    const next = sentTo(first, { at: 3_000, position: '17' }, '17');
    expect(arrived(next, '42', 5_000)).toEqual(next);
  });

  it('skips what the address never said', () => {
    let place = sentTo(start, { at: 2_000 }, iso(2_000));
    place = sentTo(place, { at: 3_000 }, iso(3_000));
    expect(arrived(place, iso(3_000), 3_000)).toEqual({ at: 3_000, said: iso(3_000), sent: [] });
  });

  it('is what the address says when somebody comes back to it or by a link', () => {
    const place = sentTo(start, { at: 2_000, position: '7' }, '7');
    expect(arrived(arrived(place, '7', 2_000), iso(8_000), 8_000)).toEqual({ at: 8_000, said: iso(8_000), sent: [] });
    expect(arrived(start, '13', 4_000)).toEqual({ at: 4_000, position: '13', said: '13', sent: [] });
  });
});
