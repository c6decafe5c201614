// What lets the page be loaded without network: a service worker for the terminal alone. No other screen of the app is served by it.
import { useEffect } from 'react';
import type { Terminal } from './core/terminal';

const [SCRIPT, SCOPE] = ['/terminal-worker.js', '/terminal'];
const HOUR_MS = 3_600_000;
const CALM_MS = 5_000;

/** Lets the terminal be put on the home screen of a tablet, where it fills the screen. */
export function useOwnManifest(): void {
  useEffect(() => {
    const link = document.createElement('link');
    [link.rel, link.href] = ['manifest', '/terminal.webmanifest'];
    document.head.append(link);
    return () => link.remove();
  }, []);
}

/** Looks for a new version every hour, and loads it once nobody is at the tablet. */
export function useOwnWorker(terminal: Terminal): void {
  useEffect(() => {
    if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
    const { serviceWorker } = navigator;
    const hadOne = serviceWorker.controller !== null;
    let registration: ServiceWorkerRegistration | undefined;
    let calm: ReturnType<typeof setInterval> | undefined;
    const changed = () => {
      if (!hadOne || calm !== undefined) return;
      calm = setInterval(() => {
        if (terminal.state.visit === undefined && terminal.state.link === 'online') location.reload();
      }, CALM_MS);
    };
    const look = setInterval(() => void registration?.update().catch(() => undefined), HOUR_MS);
    serviceWorker.addEventListener('controllerchange', changed);
    serviceWorker.register(SCRIPT, { scope: SCOPE, updateViaCache: 'none' }).then(
      (made) => {
        registration = made;
      },
      // Without it the page has to be loaded with network; all else works.
      () => undefined,
    );
    return () => {
      serviceWorker.removeEventListener('controllerchange', changed);
      clearInterval(look);
      clearInterval(calm);
    };
  }, [terminal]);
}
