import { useEffect, useState } from 'react';

const IDLE_MS = 3_000;

/** Keeps the screen on as long as the page is seen, where the device can do that. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let gone = false;
    const hold = () => {
      if (gone || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      void navigator.wakeLock.request('screen').then(
        (got) => {
          lock = got;
          if (gone) void got.release();
        },
        () => undefined,
      );
    };
    hold();
    document.addEventListener('visibilitychange', hold);
    return () => {
      gone = true;
      document.removeEventListener('visibilitychange', hold);
      void lock?.release();
    };
  }, []);
}

/** Whether somebody is at it: what can be pressed is there as long as they are, and the pointer with it. */
export function useSomebody(): boolean {
  const [somebody, setSomebody] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const seen = () => {
      setSomebody(true);
      clearTimeout(timer);
      timer = setTimeout(() => setSomebody(false), IDLE_MS);
    };
    for (const event of ['pointermove', 'pointerdown', 'keydown'] as const) addEventListener(event, seen);
    return () => {
      clearTimeout(timer);
      for (const event of ['pointermove', 'pointerdown', 'keydown'] as const) removeEventListener(event, seen);
    };
  }, []);
  return somebody;
}
