// The heading of what fills the screen. It takes the focus: who can't see that the screen is another one hears it, and a key begins there.
import { type ReactNode, useEffect, useRef } from 'react';

export function Title({ children }: { children: ReactNode }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A field that was asked for keeps it.
    if (document.activeElement instanceof HTMLInputElement) return;
    title.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);
  useEffect(() => {
    // What had it is gone: a button that was pressed and has done its work.
    if (document.activeElement === document.body) title.current?.focus({ preventScroll: true });
  });
  return (
    <h1 ref={title} tabIndex={-1}>
      {children}
    </h1>
  );
}
