// Where GraphiQL keeps tabs, history and how wide its parts are: as filters of jobs are kept, of one person in one company, for the tab and
// on the device only with their agreement.
import type { Storage } from '@graphiql/toolkit';
import { keep, kept, type Owner } from '../../app/kept';

function read(text: string | undefined): Map<string, string> {
  try {
    const said: unknown = JSON.parse(text ?? '{}');
    const pairs = typeof said === 'object' && said !== null ? Object.entries(said) : [];
    return new Map(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
  } catch {
    return new Map();
  }
}

export function storageOf(owner: Owner): Storage {
  const own = { ...owner, of: 'graphiql' as const };
  const all = () => read(kept(own));
  const change = (how: (values: Map<string, string>) => void) => {
    const values = all();
    how(values);
    keep(own, JSON.stringify(Object.fromEntries(values)));
  };
  return {
    get length() {
      return all().size;
    },
    getItem: (name) => all().get(name) ?? null,
    setItem: (name, value) => change((values) => void values.set(name, value)),
    removeItem: (name) => change((values) => void values.delete(name)),
    clear: () => change((values) => values.clear()),
  };
}
