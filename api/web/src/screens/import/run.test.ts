import { describe, expect, it } from 'vitest';
import { Refusal, Unreachable } from '../../api/query';
import { batches, type Command, type Numbered, numbered } from './commands';
import { type Progress, run } from './run';

const jobs = (count: number): Command[] =>
  Array.from({ length: count }, (_, at) => ({ mutation: 'createJob', input: { number: `${at}` }, about: `${at}`, row: at + 2 }));

async function* numberedBatches(commands: Command[]) {
  for (const batch of batches(commands)) yield numbered(batch, 'a');
}
const allOf = (count: number) => ({ all: count, batches: numberedBatches(jobs(count)) });

/** A Kilter that keeps what it has done by command id. */
class Kept {
  readonly done = new Set<string>();
  asked = 0;
  send = async (batch: Numbered[]) => {
    this.asked += 1;
    return batch.map(({ commandId, about }) => {
      if (about === '7') return { appended: 0, userErrors: [{ code: 'JOB_EXISTS', message: 'job 7 exists' }] };
      const isNew = !this.done.has(commandId);
      this.done.add(commandId);
      return { appended: isNew ? 1 : 0, userErrors: [] };
    });
  };
}

describe('an import', () => {
  it('goes on after limits and lost answers, and does nothing twice', async () => {
    const [kept, told, rests]: [Kept, Progress[], number[]] = [new Kept(), [], []];
    let troubles = 0;
    const send = async (batch: Numbered[]) => {
      const answers = await kept.send(batch);
      troubles += 1;
      // The answer is lost on its way: it was done.
      if (troubles === 1) throw new Unreachable('lost');
      if (troubles === 3) throw new Refusal('RATE_LIMITED', 'too much', null, undefined, 42);
      return answers;
    };
    const pause = async (ms: number) => void rests.push(ms);
    const end = await run(allOf(50), { signal: new AbortController().signal, tell: (one) => told.push(one), send, pause });
    expect([end.all, end.done, end.refused.map(({ code, command }) => [code, command.row])]).toEqual([50, 50, [['JOB_EXISTS', 9]]]);
    expect(kept.done.size).toBe(49);
    expect(rests).toEqual([2_000, 42_000]);
    expect(told.some(({ isAway }) => isAway)).toBe(true);
    expect(told.some(({ waitsUntil }) => waitsUntil !== undefined)).toBe(true);
  });

  it.each(['UNAVAILABLE', 'TIMEOUT', 'REQUEST_TIMEOUT'])('waits for %s to pass, and keeps what it had done', async (code) => {
    const kept = new Kept();
    let asked = 0;
    const send = (batch: Numbered[]) => {
      asked += 1;
      if (asked === 2) throw new Refusal(code, 'in a moment');
      return kept.send(batch);
    };
    const pause = async () => undefined;
    const end = await run(allOf(50), { signal: new AbortController().signal, tell: () => undefined, send, pause });
    expect([end.done, end.known]).toEqual([50, 0]);
  });

  it('that was stopped goes on where it stopped', async () => {
    const [kept, stop] = [new Kept(), new AbortController()];
    const send = async (batch: Numbered[]) => {
      const answers = await kept.send(batch);
      if (kept.asked === 2) stop.abort();
      return answers;
    };
    const first = await run(allOf(50), { signal: stop.signal, tell: () => undefined, send });
    expect([first.done, kept.done.size]).toEqual([40, 39]);
    const again = await run(allOf(50), { signal: new AbortController().signal, tell: () => undefined, send: kept.send });
    expect([again.done, again.known, kept.done.size]).toEqual([50, 39, 49]);
  });

  it('ends where the server refuses all of it', async () => {
    const send = async () => {
      throw new Refusal('FORBIDDEN', 'you may not');
    };
    const over = run(allOf(1), { signal: new AbortController().signal, tell: () => undefined, send });
    await expect(over).rejects.toThrow('you may not');
  });
});
