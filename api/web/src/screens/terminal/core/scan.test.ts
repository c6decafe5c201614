import { describe, expect, it } from 'vitest';
import { jobOf } from './fake';
import { opened } from './fake-terminal';
import { doubtsOf, formOf, kindOf, mayDoubt } from './scan';

const known = (change: Partial<Parameters<typeof kindOf>[1]> = {}) => ({ isBadge: false, forms: [], numbers: [], ...change });

describe('what is scanned', () => {
  it('is a badge where it came in here, a number where that is known, whatever either looks like', () => {
    expect(kindOf('4711', known({ isBadge: true, numbers: ['4711'] }))).toBe('badge');
    expect(kindOf(' j-1 ', known({ forms: ['x-x'], numbers: ['J-1'] }))).toBe('number');
  });

  it('is what it is built like', () => {
    expect(formOf(' B-4711 ')).toBe('x-xxxx');
    expect(kindOf('B-0815', known({ forms: ['x-xxxx'], numbers: ['4711'] }))).toBe('badge');
    expect(kindOf('4712', known({ forms: ['x-xxxx'], numbers: ['4711'] }))).toBe('number');
  });

  it('may be either where both are built like that, or neither', () => {
    expect(kindOf('4712', known({ forms: ['xxxx'], numbers: ['4711'] }))).toBe('either');
    expect(kindOf('4712-7', known())).toBe('either');
  });

  it('is no badge where it is too short for one, and no number where it is too long', () => {
    expect([kindOf('47', known()), kindOf('x'.repeat(65), known())]).toEqual(['number', 'badge']);
  });

  it('is taken for a badge in doubt a few times a day', () => {
    const HOUR = 3_600_000;
    expect(mayDoubt(doubtsOf([HOUR, 2 * HOUR, 3 * HOUR], 23 * HOUR))).toBe(false);
    expect(mayDoubt(doubtsOf([HOUR, 2 * HOUR, 3 * HOUR], 26 * HOUR))).toBe(true);
  });
});

describe('at a terminal, what is scanned', () => {
  it('is not sent as a number where it is the badge of somebody known', async () => {
    const { terminal, person, server } = await opened();
    await terminal.enterByBadge('B-4711');
    await terminal.leave();
    await terminal.enterByPin(person('ben'), '2468');
    expect(await terminal.scan('B-4711')).toEqual({ is: 'in' });
    expect(terminal.state.visit?.operatorId).toBe('otto');
    expect(server.numbers).toEqual([]);
  });

  it('is not sent as a number where it is built like the badges that came in here, be it right or not', async () => {
    const { terminal, person, server } = await opened();
    await terminal.enterByBadge('B-4711');
    await terminal.leave();
    await terminal.enterByPin(person('ben'), '2468');
    await expect(terminal.scan('B-0815')).rejects.toMatchObject({ code: 'PIN_REFUSED' });
    expect([server.numbers, terminal.state.visit?.operatorId]).toEqual([[], 'ben']);
  });

  it('is a job where there is one, and no badge then', async () => {
    const { terminal, person, server } = await opened();
    server.jobs = { '4711': jobOf('4711') };
    await terminal.enterByPin(person('ben'), '2468');
    expect(await terminal.scan('4711')).toMatchObject({ is: 'job', job: { number: '4711' } });
    expect(await terminal.scan('4711', ['4711'])).toEqual({ is: 'own', number: '4711' });
    expect(server.shown).toEqual([]);
  });

  it('hands over also where no badge ever came in here', async () => {
    const { terminal, person, server } = await opened();
    await terminal.enterByPin(person('ben'), '2468');
    expect(await terminal.scan('B-4711')).toEqual({ is: 'in' });
    expect([server.session, terminal.state.visit?.operatorId]).toEqual(['otto', 'otto']);
  });

  it('does not make badges wait, however many labels nobody knows', async () => {
    const { terminal, person, server, pass } = await opened();
    await terminal.enterByPin(person('ben'), '2468');
    for (let label = 0; label < 12; label += 1) {
      expect(await terminal.scan(`4711-${label}`)).toEqual({ is: 'unknown', number: `4711-${label}` });
      pass(60_000);
    }
    await terminal.leave();
    for (let label = 0; label < 12; label += 1) expect((await terminal.scan(`9999-${label}`)).is).toBe('unknown');
    expect(server.shown).toHaveLength(3);
  });

  it('without network is a badge or a number that is known, or nothing that could be told', async () => {
    const { terminal, person, server } = await opened();
    await terminal.enterByBadge('B-4711');
    await terminal.leave();
    await terminal.enterByPin(person('ben'), '2468');
    server.isOffline = true;
    await expect(terminal.scan('4712')).rejects.toThrow('offline');
    expect(await terminal.scan('B-4711')).toEqual({ is: 'in' });
  });
});
