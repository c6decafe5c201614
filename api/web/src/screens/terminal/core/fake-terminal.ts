// A terminal for tests, with a server of its own; stopped when its test is over.
import { onTestFinished } from 'vitest';
import { bench, LIFE } from './fake';
import { Terminal } from './terminal';

export async function opened(all = bench()) {
  let ids = 0;
  let chain: Promise<unknown> = Promise.resolve();
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const next = chain.then(work, work);
    chain = next.catch(() => undefined);
    return next;
  };
  const newId = () => {
    ids += 1;
    return `id ${ids}`;
  };
  const terminal = new Terminal({ ...all.tools, life: LIFE, exclusive, newId, tell: () => undefined });
  onTestFinished(() => terminal.stop());
  await terminal.start();
  const person = (id: string) => ({ id, code: id, name: null });
  return { ...all, terminal, person };
}
