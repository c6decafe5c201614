import { describe, expect, it } from 'vitest';
import { changedWeights, networksOf } from './models';

const weights = {
  tardiness: 1,
  lateJob: 2,
  moved: 3,
  nearSeconds: 4,
  shift: 5,
  shiftCapSeconds: 6,
  setup: 7,
  alternative: 8,
  flowMinute: 9,
  makespan: 10,
};

describe('settings', () => {
  it('leave the weights to the preset until somebody changes one', () => {
    expect(changedWeights(weights, { tardiness: 1 }, false)).toBeUndefined();
    expect(changedWeights(weights, { tardiness: 5 }, false)).toEqual({ ...weights, tardiness: 5 });
    expect(changedWeights(weights, {}, true)).toEqual(weights);
  });

  it('take networks by line, comma or blank', () => {
    expect(networksOf(' 203.0.113.0/24\n2001:db8::1, 10.0.0.1 ')).toEqual(['203.0.113.0/24', '2001:db8::1', '10.0.0.1']);
    expect(networksOf(' \n ')).toEqual([]);
  });
});
