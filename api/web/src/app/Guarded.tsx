import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useSession } from '../api/session';
import { useHasEnded } from '../api/session-state';
import { useIsAnother } from '../api/who';
import { mayKeepOnDevice } from './kept';

const SignInAgain = lazy(() => import('./SignInAgain'));
const SomebodyElse = lazy(() => import('./SomebodyElse'));

/** What every screen for who is signed in stands on. */
export function Guarded() {
  const { consent, viewer } = useSession();
  const { tenantId, actorId } = viewer;
  const [hasEnded, isAnother] = [useHasEnded(), useIsAnother()];
  const mayKeep = consent?.current === true && consent.functional;
  useEffect(() => mayKeepOnDevice(mayKeep, { tenantId, actorId }), [mayKeep, tenantId, actorId]);
  // What is on the screen is not for who is in now, and follows nothing under their name.
  if (isAnother) {
    return (
      <Suspense>
        <SomebodyElse />
      </Suspense>
    );
  }
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
