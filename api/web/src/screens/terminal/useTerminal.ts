import { createContext, use, useCallback, useEffect, useLayoutEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { localeOf } from '../../i18n';
import { amount, roughly, timeOfDay, when } from '../../time/format';
import { sinceOf } from './core/data';
import { theTerminal } from './core/here';
import { Idle } from './core/idle';
import type { State } from './core/state';
import type { Terminal } from './core/terminal';
import { FieldWedge, Wedge } from './core/wedge';

interface Here {
  terminal: Terminal;
  state: State;
}

export const HereContext = createContext<Here | undefined>(undefined);

/** The terminal and its state, followed. */
export function useTheTerminal(): Here {
  const terminal = use(theTerminal());
  const state = useSyncExternalStore(terminal.subscribe, () => terminal.state);
  return useMemo(() => ({ terminal, state }), [terminal, state]);
}

export function useHere(): Here {
  const here = use(HereContext);
  if (here === undefined) throw new Error('this is shown at a terminal only');
  return here;
}

/** What was done here and is not in what was told. */
export function useSince() {
  const { sent, entries } = useHere().state;
  return useMemo(() => sinceOf(sent, entries), [sent, entries]);
}

/** The server's time, every so often. */
export function useServerNow(everyMs = 1_000): number {
  const { terminal } = useHere();
  const watch = useCallback(
    (tell: () => void) => {
      const timer = setInterval(tell, everyMs);
      return () => clearInterval(timer);
    },
    [everyMs],
  );
  return useSyncExternalStore(watch, () => Math.floor(terminal.now() / everyMs) * everyMs);
}

/** Times and amounts in the zone of the company, as far as it is known, and the language of the tablet. */
export function useWords() {
  const { i18n } = useTranslation();
  const zone = useHere().state.work?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return useMemo(() => {
    const manner = { locale: localeOf(i18n.language), zone };
    return {
      locale: manner.locale,
      timeOfDay: (instant: number) => timeOfDay(instant, manner),
      when: (instant: number | string, now: number) => when(new Date(instant), now, manner),
      roughly: (seconds: number) => roughly(seconds, manner.locale),
      amount: (value: number | string) => amount(value, manner.locale, 3),
    };
  }, [i18n.language, zone]);
}

/** As if it had been typed: React hears of it. */
function putInto(field: HTMLInputElement, text: string): void {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, text);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Keys of a keyboard and of a scanner that pretends to be one. Of what goes into a field only a scan is heard: it is taken out of there. */
export function useKeys(heard: { key?: (key: string) => void; scan?: (text: string) => void }): void {
  const [latest] = useState(() => ({ current: heard }));
  useLayoutEffect(() => {
    latest.current = heard;
  });
  useEffect(() => {
    // Several keys may be passed on at once: each is heard by what the one before it has made.
    const press = (key: string) => flushSync(() => latest.current.key?.(key));
    const wedge = new Wedge({ key: press, scan: (text) => latest.current.scan?.(text) });
    const inField = new FieldWedge();
    const typed = (event: KeyboardEvent) => {
      const { target, key, timeStamp } = event;
      if (!(target instanceof HTMLInputElement) || latest.current.scan === undefined || event.isComposing) return;
      const found = inField.press(key, timeStamp, target.value);
      if (found === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      putInto(target, found.before);
      latest.current.scan(found.scanned);
    };
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.target instanceof HTMLInputElement) return;
      // A button that has the focus is pressed by these, where nothing was scanned.
      const isOnButton = event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement;
      if (isOnButton && event.key === ' ') return;
      if (isOnButton && event.key === 'Enter' && !wedge.isScan(event.timeStamp)) {
        wedge.flush();
        return;
      }
      if (wedge.press(event.key, event.timeStamp)) event.preventDefault();
    };
    // A field hears its keys only after this.
    addEventListener('keydown', typed, true);
    addEventListener('keydown', pressed);
    return () => {
      removeEventListener('keydown', typed, true);
      removeEventListener('keydown', pressed);
    };
  }, [latest]);
}

const TOUCHES = ['pointerdown', 'keydown', 'wheel'] as const;

/** Runs once nobody has touched anything for so long; tells how many seconds are left, near the end. */
export function useIdle(afterMs: number, warnMs: number, over: () => void): number | undefined {
  const [left, setLeft] = useState<number>();
  const [latest] = useState(() => ({ current: over }));
  useEffect(() => {
    latest.current = over;
  });
  useEffect(() => {
    const idle = new Idle(afterMs);
    const look = () => {
      if (!idle.isOver) {
        setLeft(idle.left <= warnMs ? Math.ceil(idle.left / 1_000) : undefined);
        return;
      }
      idle.renew();
      latest.current();
    };
    const touch = () => {
      if (idle.touch()) setLeft(undefined);
      else look();
    };
    const timer = setInterval(look, 500);
    // Before anything that is touched hears of it: it may be meant by somebody else.
    const how = { passive: true, capture: true };
    for (const event of TOUCHES) addEventListener(event, touch, how);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      for (const event of TOUCHES) removeEventListener(event, touch, how);
      document.removeEventListener('visibilitychange', look);
    };
  }, [afterMs, warnMs, latest]);
  return left;
}
