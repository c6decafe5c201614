import type { ReactNode } from 'react';
import css from './Panel.module.css';

/** What may be wider than its place: scrolled by touch, by wheel, and by the arrows of who has neither. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fieldset, it is not a form
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it
    <div role="group" className={css.scroll} tabIndex={0} aria-label={label}>
      {children}
    </div>
  );
}
