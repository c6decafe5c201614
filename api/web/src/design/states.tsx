// What a screen shows where its data is not: not there yet, none, not to be had.
import { Button } from '@mantine/core';
import clsx from 'clsx';
import { CircleAlert, History, type LucideIcon, WifiOff } from 'lucide-react';
import { type ReactNode, useEffect, useEffectEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { passes, Refusal, Unreachable } from '../api/query';
import { localeOf } from '../i18n';
import { roughly } from '../time/format';
import css from './states.module.css';

/** Grey shapes where data will be, of the size that it will have. */
export function Skeleton({ width = '100%', height = 16 }: { width?: number | string; height?: number | string }) {
  return <span className={css.skeleton} style={{ width, height }} aria-hidden />;
}

/** Rows of a list that is on its way. */
export function SkeletonRows({ rows = 6, height = 32 }: { rows?: number; height?: number }) {
  const { t } = useTranslation('design');
  const widths = ['92%', '78%', '85%', '64%', '88%', '71%'];
  return (
    <div role="status" className={css.rows}>
      <span className="visually-hidden">{t('loading')}</span>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
        <div key={at} className={css.row} style={{ height }}>
          <Skeleton width={widths[at % widths.length]} height={12} />
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** Where nothing else is on the screen, this is its heading. */
  isAll?: boolean;
}

/** Nothing is here: says what will be, and how it gets here. */
export function Empty({ icon: Icon, title, children, action, isAll = false }: EmptyProps) {
  return (
    <div className={css.state}>
      <Icon size={28} strokeWidth={1.5} aria-hidden />
      {isAll ? <h1>{title}</h1> : <p className={css.title}>{title}</p>}
      {children && <p className="muted">{children}</p>}
      {action}
    </div>
  );
}

/** It could not be had: why, and what can be done. */
export function Failure({ error, retry, compact = false }: { error: unknown; retry?: () => void; compact?: boolean }) {
  const { t } = useTranslation('design');
  const reason = useReason(error);
  const unreachable = error instanceof Unreachable;
  const waits = waitOf(error);
  useAgain(error, retry);
  // What only the present knows of: to ask again would not help.
  const notKept = error instanceof Refusal && error.code === 'AS_OF_NOT_KEPT';
  const Icon = unreachable ? WifiOff : notKept ? History : CircleAlert;
  return (
    <div role={notKept ? 'status' : 'alert'} className={clsx(css.state, compact && css.compact)}>
      <Icon size={compact ? 18 : 28} strokeWidth={1.5} aria-hidden />
      <p className={css.title}>
        {unreachable
          ? t('failure.unreachable')
          : notKept
            ? t('failure.notKept')
            : t(waits === undefined ? 'failure.title' : 'failure.limited')}
      </p>
      <p className="muted">{notKept ? t('failure.whyNotKept') : reason}</p>
      {retry && !notKept && (
        <Button variant="default" size="xs" onClick={retry}>
          {t('failure.retry')}
        </Button>
      )}
    </div>
  );
}

/** How often what was not reached is asked again: never two screens at once. */
const againMs = () => 5_000 + Math.random() * 10_000;

/** What will pass is not left to somebody who presses a button: it comes back by itself, and as soon as there is a network again. */
function useAgain(error: unknown, retry: (() => void) | undefined): void {
  const again = useEffectEvent(() => retry?.());
  useEffect(() => {
    const waits = waitOf(error);
    if (waits === undefined && !passes(error)) return;
    const run = () => again();
    const timer = setInterval(run, waits === undefined ? againMs() : waits * 1_000);
    addEventListener('online', run);
    return () => {
      clearInterval(timer);
      removeEventListener('online', run);
    };
  }, [error]);
}

/** For how many seconds nothing more is answered, where too much was asked. */
function waitOf(error: unknown): number | undefined {
  return error instanceof Refusal && error.code === 'RATE_LIMITED' ? Math.max(1, error.waitSeconds ?? 5) : undefined;
}

/** Why something was not done, in words: of the server where it refused. */
export function useReason(error: unknown): string {
  const { t, i18n } = useTranslation('design');
  if (error instanceof Unreachable) return t('failure.whyUnreachable');
  const waits = waitOf(error);
  if (waits !== undefined) return t('failure.whyLimited', { time: roughly(waits, localeOf(i18n.language)) });
  if (error instanceof Refusal && error.code !== 'INTERNAL') return sentence(error.message);
  const id = error instanceof Refusal ? error.requestId : undefined;
  return id === undefined ? t('failure.whyOurs') : t('failure.whyOursWithId', { id });
}

function sentence(message: string): string {
  const capital = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
