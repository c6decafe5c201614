import { expect, it } from 'vitest';
import { MOST_SEEN } from '../../board/scale';
import { DAY } from '../../board/types';
import { toLoad } from './useBoardData';

it('all that can be seen at once is loaded, with a week on either side', () => {
  for (let day = 0; day < 14; day += 0.5) {
    const seen = { from: day * DAY, until: day * DAY + MOST_SEEN };
    const { from, until } = toLoad(seen);
    expect(from).toBeLessThanOrEqual(seen.from - 6 * DAY);
    expect(until).toBeGreaterThanOrEqual(seen.until);
    expect(until - from).toBeLessThanOrEqual(92 * DAY);
  }
});
