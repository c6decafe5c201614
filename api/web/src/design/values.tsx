// Times and amounts on the screen: one component for each, so that the same thing looks the same everywhere.
import { CalendarClock, Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../time/useFormat';
import { useNow } from '../time/useNow';
import { Mark } from './Mark';

const MINUTE_MS = 60_000;

/** An instant as people say it; exactly when the pointer rests on it. */
export function When({ at }: { at: string | number }) {
  const [format, now] = [useFormat(), useNow(MINUTE_MS)];
  const instant = new Date(at);
  return (
    <time dateTime={instant.toISOString()} title={format.exactly(instant)}>
      {format.when(instant, now)}
    </time>
  );
}

/** How long something has been so: "12m". */
export function Age({ since }: { since: string | number }) {
  const [format, now] = [useFormat(), useNow(MINUTE_MS)];
  const instant = new Date(since);
  return (
    <time dateTime={instant.toISOString()} title={format.exactly(instant)}>
      {format.roughly(Math.max(0, now - instant.getTime()) / 1_000)}
    </time>
  );
}

/** Hours and minutes. */
export function Duration({ seconds }: { seconds: number }) {
  return <span className="number">{useFormat().duration(seconds)}</span>;
}

/** An amount with its unit. */
export function Quantity({ amount, unit }: { amount: string | number; unit?: string }) {
  return (
    <span className="number">
      {useFormat().amount(amount)}
      {unit && <span className="muted"> {unit}</span>}
    </span>
  );
}

interface LateProps {
  due?: string | null;
  late: boolean;
  atRisk?: boolean;
  /** Said where it stands beside how late it will be. */
  soFar?: boolean;
  /** Under a heading that says what it is, and with little room: the time alone. */
  short?: boolean;
}

/** By how much something is late, or that it will hardly be in time. Nothing for what is in time. */
export function Late({ due, late, atRisk = false, soFar = false, short = false }: LateProps) {
  const { t } = useTranslation('design');
  const [format, now] = [useFormat(), useNow(MINUTE_MS)];
  if (!late && !atRisk) return null;
  const by = due == null ? undefined : (now - Date.parse(due)) / 1_000;
  const title = due == null ? undefined : t('late.due', { when: format.exactly(Date.parse(due)) });
  if (!late) {
    return (
      <Mark tone="risk" icon={Hourglass} title={title}>
        {t('late.atRisk')}
      </Mark>
    );
  }
  return (
    <Mark tone="late" icon={CalendarClock} title={title}>
      {by === undefined || by <= 0
        ? t('late.late')
        : short
          ? format.roughly(by)
          : t(soFar ? 'late.soFar' : 'late.by', { time: format.roughly(by) })}
    </Mark>
  );
}
