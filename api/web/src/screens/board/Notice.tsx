import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './board.module.css';

export function Notice({ children }: { children: ReactNode }) {
  return (
    <p className={css.notice}>
      <TriangleAlert size={16} aria-hidden />
      <span>{children}</span>
    </p>
  );
}
