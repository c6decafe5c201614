// Filters that somebody keeps: for the tab, on the device only for who has agreed to that.
import { useState } from 'react';
import { useSession } from '../../api/session';
import { keep, kept } from '../../app/kept';
import { type JobsSearch, readSearch } from './model';

export function readSaved(text: string | undefined): JobsSearch[] {
  try {
    const all: unknown = JSON.parse(text ?? '[]');
    const searches = Array.isArray(all) ? all.filter((one) => typeof one === 'object' && one !== null).map((one) => readSearch(one)) : [];
    return searches.filter((one) => Object.keys(one).length > 0);
  } catch {
    return [];
  }
}

export function useSaved() {
  const { viewer } = useSession();
  const [saved, setSaved] = useState(() => readSaved(kept(viewer)));
  const put = (all: JobsSearch[]) => {
    setSaved(all);
    keep(viewer, JSON.stringify(all));
  };
  const without = (search: JobsSearch) =>
    saved.filter((one) => JSON.stringify(readSearch({ ...one })) !== JSON.stringify(readSearch({ ...search })));
  return {
    saved,
    save: (search: JobsSearch) => put([...without(search), readSearch({ ...search })]),
    forget: (search: JobsSearch) => put(without(search)),
  };
}
