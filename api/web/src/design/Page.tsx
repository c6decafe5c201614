import { type ReactNode, useEffect } from 'react';
import css from './Page.module.css';

/** A screen: its name, what can be done on all of it, and the rest. The name is the window's too. */
export function Page({
  title,
  actions,
  children,
  fill = false,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  fill?: boolean;
}) {
  useEffect(() => {
    document.title = `${title} · Kilter`;
  }, [title]);
  return (
    <div className={fill ? css.fill : css.page}>
      <header className={css.header}>
        <h1 tabIndex={-1}>{title}</h1>
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
