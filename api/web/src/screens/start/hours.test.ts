import { describe, expect, it } from 'vitest';
import { clocksOf, PRESETS, shiftsOf } from './hours';

describe('working hours to begin with', () => {
  it('are whole: every preset has shifts that the server takes', () => {
    for (const preset of PRESETS) {
      const shifts = shiftsOf(preset, clocksOf(preset));
      expect(shifts.length).toBeGreaterThan(0);
      for (const shift of shifts)
        expect(shift).toMatchObject({ from: expect.stringMatching(/^\d\d:\d\d$/), to: expect.stringMatching(/^\d\d:\d\d$/) });
    }
  });

  it('keep their break only where it lies within what was typed', () => {
    expect(shiftsOf('one', [{ from: '08:00', to: '17:00' }])).toMatchObject([{ from: '08:00', breaks: [{ from: '11:00', to: '11:30' }] }]);
    expect(shiftsOf('one', [{ from: '12:00', to: '20:00' }])).toMatchObject([{ breaks: [] }]);
  });
});
