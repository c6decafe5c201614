// Where the keyboard goes on after a dialog: at what opened it, else at the board.
import { createContext, useContext, useEffect, useRef, useState } from 'react';

/** What takes the focus where what opened a dialog is not there any more. */
export const Fallback = createContext<() => HTMLElement | null | undefined>(() => undefined);

/** Gives the focus back when this dialog is gone. */
export function useReturn(): void {
  const fallback = useContext(Fallback);
  // Taken as the dialog is made: afterwards the focus is in it.
  const [opener] = useState(() => document.activeElement);
  const isThere = useRef(false);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
      requestAnimationFrame(() => {
        if (isThere.current) return;
        const back = opener instanceof HTMLElement && opener !== document.body && opener.isConnected ? opener : fallback();
        back?.focus();
      });
    };
  }, [opener, fallback]);
}
