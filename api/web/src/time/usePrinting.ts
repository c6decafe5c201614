import { useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

const paper = typeof matchMedia === 'function' ? matchMedia('print') : undefined;

function watch(tell: () => void): () => void {
  // Paper does not wait: it has to be there before the event is over.
  const now = () => flushSync(tell);
  paper?.addEventListener('change', now);
  return () => paper?.removeEventListener('change', now);
}

/** Whether this is for paper: then all is there, not only what is seen. */
export const usePrinting = (): boolean => useSyncExternalStore(watch, () => paper?.matches === true);
