// What somebody has begun to type, for their tab: it survives a reload and the way back, and is nobody else's.
import { useCallback } from 'react';
import { useSession } from '../api/session';

export interface Draft<Form> {
  read: () => Form | undefined;
  keep: (form: Form) => void;
  forget: () => void;
}

export function useDraft<Form>(name: string): Draft<Form> {
  const { viewer } = useSession();
  const key = `kilter-draft-${viewer.tenantId}-${viewer.actorId}-${name}`;
  const read = useCallback((): Form | undefined => {
    try {
      const text = sessionStorage.getItem(key);
      return text === null ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }, [key]);
  const keep = useCallback((form: Form) => sessionStorage.setItem(key, JSON.stringify(form)), [key]);
  const forget = useCallback(() => sessionStorage.removeItem(key), [key]);
  return { read, keep, forget };
}
