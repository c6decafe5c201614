import clsx from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './Mark.module.css';

export type Tone = 'late' | 'risk' | 'running' | 'setup' | 'held' | 'plain' | 'quiet';

/** A small sign with a word: colour says it quicker, the icon and the word say it to everybody. */
export function Mark({ tone, icon: Icon, children, title }: { tone: Tone; icon: LucideIcon; children: ReactNode; title?: string }) {
  return (
    <span className={clsx(css.mark, css[tone])} title={title}>
      <Icon size={14} strokeWidth={2.25} aria-hidden />
      <span className={css.word}>{children}</span>
    </span>
  );
}
