import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useSession } from '../api/session';
import { useHasEnded } from '../api/session-state';
import { mayKeepOnDevice } from './kept';

const SignInAgain = lazy(() => import('./SignInAgain'));

/** What every screen for who is signed in stands on. */
export function Guarded() {
  const { consent, viewer } = useSession();
  const { tenantId, actorId } = viewer;
  const hasEnded = useHasEnded();
  const mayKeep = consent?.current === true && consent.functional;
  useEffect(() => mayKeepOnDevice(mayKeep, { tenantId, actorId }), [mayKeep, tenantId, actorId]);
  return (
    <>
      <Outlet />
      {hasEnded && (
        <Suspense>
          <SignInAgain />
        </Suspense>
      )}
    </>
  );
}
