// Plays history: moves the moment on, as fast as was asked, and no faster than the screen comes with its answers.
import { useIsFetching } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { allowance, hold } from '../api/allowance';
import { usePast } from '../api/moment';
import { played } from './model';
import { useLook } from './useLook';

/** A picture of the floor is shown for at least so long. */
const STEP_MS = 700;
/** An answer that takes longer than this is not waited for. */
const PATIENCE_MS = 6_000;
/** So much of what may be asked in a minute is left for who does something else than to watch. */
const SPARE_FIELDS = 40;
/** What is under way just now may still be told. */
const BEHIND_MS = 2_000;

export function usePlay() {
  const past = usePast();
  const { look } = useLook();
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(60);
  const isAsking = useIsFetching() > 0;
  const [steppedAt, setSteppedAt] = useState(0);
  const step = useEffectEvent(() => {
    const real = performance.now();
    if (past === undefined || real - steppedAt < STEP_MS || (isAsking && real - steppedAt < PATIENCE_MS)) return;
    // A film asks more than is allowed in a minute: it stands still until the next one, and that is said.
    const { fields, until } = allowance();
    if (fields < SPARE_FIELDS) {
      hold(until);
      return;
    }
    // While the screen was waited for time stood still: what happened meanwhile is shown, not left out.
    const elapsed = Math.min(real - steppedAt, isAsking ? STEP_MS : 2 * STEP_MS);
    setSteppedAt(real);
    const next = played(past.instant, elapsed, speed, Date.now() - BEHIND_MS);
    look({ instant: new Date(next.at).toISOString() });
    if (next.isOver) setPlaying(false);
  });
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(step, 100);
    return () => clearInterval(timer);
  }, [playing]);
  return {
    playing,
    speed,
    setSpeed,
    toggle: () => {
      setSteppedAt(performance.now());
      setPlaying(!playing);
    },
    pause: () => setPlaying(false),
  };
}
