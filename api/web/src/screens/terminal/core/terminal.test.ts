import { describe, expect, it } from 'vitest';
import { heldOf, straysOf } from './entry';
import { bench, finish, jobOf, start } from './fake';
import { opened as open } from './fake-terminal';

describe('a terminal', () => {
  it('is nobody’s until it is paired, and asks no more meanwhile', async () => {
    const all = bench();
    all.server.isPaired = false;
    const { terminal, server } = await open(all);
    expect(terminal.state.status).toBe('unpaired');
    await terminal.pair('K7QM-20X1');
    expect(terminal.state.status).toBe('paired');
    expect(terminal.state.known?.operators.map(({ id }) => id)).toEqual(['otto', 'ben']);
    expect(server.asked).toEqual(['see', 'pair', 'see']);
  });

  it('lets in by a PIN, and does not by a wrong one', async () => {
    const { terminal, person } = await open();
    await expect(terminal.enterByPin(person('otto'), '0000')).rejects.toMatchObject({ code: 'PIN_REFUSED' });
    expect(terminal.state.visit).toBeUndefined();
    await terminal.enterByPin(person('otto'), '1379');
    expect(terminal.state.visit).toMatchObject({ operatorId: 'otto', isConfirmed: true });
  });

  it('sends what is done at once, and shows it until the work is told anew', async () => {
    const { terminal, person, server } = await open();
    await terminal.enterByPin(person('otto'), '1379');
    await terminal.tick();
    await terminal.do(start('J-1'));
    await terminal.tick();
    expect(server.done.map(({ by }) => by)).toEqual(['otto']);
    expect(terminal.state.entries).toEqual([]);
  });

  it('sends a call for help and that it is solved in their order, also where the network was gone', async () => {
    const { terminal, person, server } = await open();
    await terminal.enterByPin(person('otto'), '1379');
    await terminal.tick();
    server.isOffline = true;
    const on = { jobId: 'J-1', job: 'J-1', operation: 10 };
    await terminal.do(start('J-1'));
    await terminal.do({ kind: 'call', ...on, reason: 'Tool broke', machineId: 'M' });
    const [, call] = terminal.state.entries;
    await terminal.do({ kind: 'answer', ...on, callId: call?.commandId });
    await terminal.do({ kind: 'solve', ...on, callId: call?.commandId });
    server.isOffline = false;
    await terminal.tick();
    expect(server.done.map(({ command }) => command)).toEqual(['startOperation', 'callAndon', 'answerAndon', 'endAndon']);
    expect(server.done[1]).toMatchObject({ jobId: 'J-1', operation: 10, reason: 'Tool broke', machineId: 'M' });
    expect(server.done[1]).not.toHaveProperty('operatorId');
    // No other call of the operation is meant, whoever made it meanwhile.
    expect(server.done.slice(2).map(({ callId }) => callId)).toEqual([call?.commandId, call?.commandId]);
  });

  it('takes who comes without network at their word, and looks at it later', async () => {
    const { terminal, person, server } = await open();
    server.isOffline = true;
    await terminal.enterByPin(person('otto'), '1379');
    expect(terminal.state).toMatchObject({ link: 'offline', visit: { operatorId: 'otto', isConfirmed: false } });
    await terminal.do(start('J-1'));
    await terminal.leave();
    await terminal.enterByPin(person('ben'), '2468');
    await terminal.do(finish('J-1'));
    server.isOffline = false;
    await terminal.tick();
    expect(server.done.map(({ by, command }) => `${by} ${command}`)).toEqual(['otto startOperation', 'ben finishOperation']);
    expect(terminal.state).toMatchObject({ link: 'online', visit: { operatorId: 'ben', isConfirmed: true }, entries: [] });
  });

  it('puts out who came with a wrong PIN without network; what they did waits for the one whose name it bears', async () => {
    const { terminal, person, server } = await open();
    server.isOffline = true;
    await terminal.enterByPin(person('otto'), '9999');
    await terminal.do(start('J-1'));
    server.isOffline = false;
    await terminal.tick();
    expect(terminal.state).toMatchObject({ visit: undefined, wasOut: 'otto', entries: [{ held: 'pin' }] });
    expect(server.done).toEqual([]);
    await terminal.enterByPin(person('otto'), '1379');
    await terminal.tick();
    expect(server.done).toEqual([]);
    await terminal.claim(terminal.state.entries);
    await terminal.tick();
    expect(server.done.map(({ by }) => by)).toEqual(['otto']);
  });

  it('shows what was refused to whoever did it, also after somebody else came in between', async () => {
    const { terminal, person, server } = await open();
    server.isOffline = true;
    await terminal.enterByPin(person('otto'), '1379');
    await terminal.do(finish('J-1'));
    await terminal.leave();
    server.refuses = { 'J-1': 'JOB_BLOCKED' };
    server.isOffline = false;
    await terminal.enterByPin(person('ben'), '2468');
    await terminal.tick();
    const [refused] = terminal.state.entries;
    expect(refused).toMatchObject({ visit: { operatorId: 'otto' }, refused: { code: 'JOB_BLOCKED' } });
    await terminal.leave();
    await terminal.enterByPin(person('otto'), '1379');
    await terminal.drop(terminal.state.entries);
    expect(terminal.state.entries).toEqual([]);
  });

  it('knows a badge without network that it has seen with network, and no other', async () => {
    const { terminal, server } = await open();
    await terminal.enterByBadge('B-4711');
    await terminal.leave();
    server.isOffline = true;
    await terminal.enterByBadge('B-4711');
    expect(terminal.state.visit).toMatchObject({ operatorId: 'otto', isConfirmed: false });
    await terminal.leave();
    await expect(terminal.enterByBadge('B-0815')).rejects.toThrow();
    expect(terminal.state.visit).toBeUndefined();
  });

  it('is out at once where it was revoked, keeps nothing that lets in, and keeps what was done', async () => {
    const { terminal, person, server, store } = await open();
    await terminal.enterByPin(person('otto'), '1379');
    server.isOffline = true;
    await terminal.do(start('J-1'));
    [server.isOffline, server.isPaired, server.session] = [false, false, undefined];
    await terminal.tick();
    expect(terminal.state).toMatchObject({ status: 'unpaired', visit: undefined, wasNamed: expect.any(String) });
    expect((await store.names()).filter((name) => /^(sealed|work|badge|session|terminal)/.test(name))).toEqual([]);
    expect(terminal.state.entries).toHaveLength(1);
    await terminal.pair('K7QM-20X1');
    expect(terminal.state.wasNamed).toBeUndefined();
    await terminal.enterByPin(person('otto'), '1379');
    await terminal.tick();
    await terminal.tick();
    expect(server.done.map(({ by }) => by)).toEqual(['otto']);
  });

  it('throws away what earlier lives of the page have left, and what is of people who left', async () => {
    const all = bench();
    await all.seals.keep('an old visit', { operatorId: 'otto', pin: '1379' }, all.clock.now() - 50_000_000);
    await all.store.set('sealed:an old visit', { iv: new Uint8Array(12), bytes: new ArrayBuffer(1), at: all.clock.now() - 50_000_000 });
    await all.store.set('work:somebody', { at: 0, zone: 'UTC', rows: [], machines: [], jobs: {} });
    await all.store.set('work:otto', { at: 0, zone: 'UTC', rows: [], machines: [], jobs: {} });
    const operators = [{ id: 'otto', code: 'otto', name: null }];
    await all.store.set('terminal', { id: 't', name: 'Mill 3', company: null, operators, at: 0 });
    await open(all);
    expect((await all.store.names()).filter((name) => /^(sealed|work)/.test(name))).toEqual(['work:otto']);
  });

  it('tries again what the server failed at when its owner says so, and what of it they throw away is gone', async () => {
    const { terminal, person, server, pass } = await open();
    await terminal.enterByPin(person('otto'), '1379');
    await terminal.tick();
    server.failsAt = { 'J-1': 'INTERNAL', 'J-2': 'INTERNAL' };
    await terminal.do(start('J-1'));
    await terminal.do(start('J-2'));
    for (let tries = 0; tries < 40; tries += 1) {
      pass(60_000);
      await terminal.tick();
    }
    const [first, second] = heldOf(terminal.state.entries, 'otto', true);
    expect([first?.deed, second?.deed]).toEqual([start('J-1'), start('J-2')]);
    expect(heldOf(terminal.state.entries, 'otto', false)).toEqual([]);
    server.failsAt = {};
    await terminal.drop(second ? [second] : []);
    await terminal.claim(terminal.state.entries);
    await terminal.tick();
    expect(server.done.map(({ jobId }) => jobId)).toEqual(['J-1']);
    expect(terminal.state.entries).toEqual([]);
  });

  it('counts what was done by people who do not work here any more, and lets it go', async () => {
    const { terminal, person, server, seals } = await open();
    server.isOffline = true;
    await terminal.enterByPin(person('otto'), '1379');
    const { visit } = terminal.state;
    await terminal.do(start('J-1'));
    await terminal.leave();
    server.pins = { ben: '2468' };
    server.isOffline = false;
    await terminal.tick();
    const strays = () => straysOf(terminal.state.entries, terminal.state.known?.operators ?? []);
    expect(strays()).toMatchObject([{ visit: { operatorId: 'otto' }, company: 'Kuusk', held: 'pin' }]);
    await terminal.enterByPin(person('ben'), '2468');
    await terminal.drop(strays());
    expect([strays(), terminal.state.entries]).toEqual([[], []]);
    expect(await seals.open(visit?.id ?? '')).toBeUndefined();
  });

  it('reads anew what was done on more jobs than can be asked for at once', async () => {
    const { terminal, person, server } = await open();
    const numbers = Array.from({ length: 20 }, (_, at) => `J-${at}`);
    for (const number of numbers) server.jobs[number] = jobOf(number);
    server.queue = numbers;
    await terminal.enterByPin(person('otto'), '1379');
    // All of them are known after two times.
    for (let tick = 0; tick < 3; tick += 1) await terminal.tick();
    server.isOffline = true;
    for (const number of numbers) await terminal.do({ kind: 'start', jobId: `id of ${number}`, job: number, operation: 10, phase: 'RUN' });
    for (const number of numbers) server.jobs[number] = { ...jobOf(number), notes: 'begun' };
    server.isOffline = false;
    for (let tick = 0; tick < 3; tick += 1) await terminal.tick();
    expect(Object.values(terminal.state.work?.jobs ?? {}).map(({ job }) => job.notes)).toEqual(numbers.map(() => 'begun'));
  });

  it('forgets what was shown once it is not needed any more', async () => {
    const { terminal, person, server, seals } = await open();
    await terminal.enterByPin(person('otto'), '1379');
    const id = terminal.state.visit?.id ?? '';
    expect(await seals.open(id)).toBeDefined();
    await terminal.leave();
    expect(await seals.open(id)).toBeUndefined();
    expect(server.session).toBeUndefined();
  });
});
