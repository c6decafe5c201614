import { UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import {
  ArrowRight,
  Building2,
  CalendarDays,
  Factory,
  FlaskConical,
  History,
  KeyRound,
  LogIn,
  type LucideIcon,
  Package,
  SquareKanban,
  UserCog,
  UserRound,
  Users,
  Warehouse,
  Wrench,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ActivityRowFragment, ThingKind } from '../../api/generated/activity';
import { JobLink } from '../../app/JobLink';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './activity.module.css';
import { type ActivitySearch, fieldWords, screenOf, telling, toldLater, valueWords } from './model';

/** More changes than these are shown when somebody asks: a plan may move hundreds. */
const SHOWN = 4;
const MOST = 200;

const ICONS: Record<ThingKind, LucideIcon> = {
  JOB: Package,
  PLAN: SquareKanban,
  SCENARIO: FlaskConical,
  MACHINE: Factory,
  WORK_CENTER: Warehouse,
  TOOL: Wrench,
  OPERATOR: UserRound,
  CALENDAR: CalendarDays,
  COMPANY: Building2,
  ROSTER: Users,
  ACCOUNT: UserCog,
  SESSION: LogIn,
  API_TOKEN: KeyRound,
};

export function Row({ row, only }: { row: ActivityRowFragment; only: (change: Partial<ActivitySearch>) => void }) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const later = toldLater(row);
  const Icon = ICONS[row.kind];
  const happened = Date.parse(row.happenedAt);
  const isNamed = !/^[0-9a-f]{8}-/.test(row.thing.code);
  return (
    <li className={css.row} data-position={row.position}>
      <time className={css.time} dateTime={row.happenedAt} title={format.exactly(happened)}>
        {format.timeOfDay(happened)}
      </time>
      <Icon size={16} className={css.icon} role="img" aria-label={t(`kind.${row.kind}`)} />
      <div className={css.what}>
        <p className={css.sentence}>{row.sentence}</p>
        <Changes changes={telling(row.changes)} />
        <p className={css.about}>
          <UnstyledButton className={css.only} title={t('onlyWho')} onClick={() => only({ who: row.actor.id })}>
            {row.actor.name ?? t('unknown')}
          </UnstyledButton>
          {isNamed && (
            <UnstyledButton className={css.only} title={t('onlyThing')} onClick={() => only({ thing: row.thing.id, name: row.thing.code })}>
              {row.thing.code}
            </UnstyledButton>
          )}
          {later !== undefined && (
            <span title={format.exactly(Date.parse(row.recordedAt))}>{t('toldLater', { time: format.roughly(later) })}</span>
          )}
        </p>
      </div>
      <div className={css.links}>
        {row.kind === 'JOB' && <JobLink number={row.thing.code} />}
        <Link
          to={screenOf(row.kind)}
          search={{ at: Number(row.position), ...(row.kind === 'JOB' && { job: row.thing.code }) }}
          className={css.then}
          title={t('thenWhy')}
        >
          <History size={14} aria-hidden />
          {t('then')}
          <span className="visually-hidden"> {row.sentence}</span>
        </Link>
      </div>
    </li>
  );
}

function Changes({ changes }: { changes: ActivityRowFragment['changes'] }) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const now = useNow(60_000);
  const [all, setAll] = useState(false);
  if (changes.length === 0) return null;
  const shown = changes.slice(0, all ? MOST : SHOWN);
  const rest = changes.length - shown.length;
  const words = (value: string) => valueWords(value, (instant) => format.when(instant, now));
  return (
    <ul className={css.changes}>
      {shown.map(({ field, operation, before, after }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was changed does not change
        <li key={at}>
          <span className="muted">
            {fieldWords(field)}
            {operation !== null && ` ${operation}`}
          </span>{' '}
          {before !== null && <del>{words(before)}</del>}
          {before !== null && <ArrowRight size={12} role="img" aria-label={t('to')} />}
          {after === null ? <span className="muted">{t('nothing')}</span> : <ins>{words(after)}</ins>}
        </li>
      ))}
      {rest > 0 && !all && (
        <li>
          <UnstyledButton className={css.rest} onClick={() => setAll(true)}>
            {t('moreChanges', { count: rest })}
          </UnstyledButton>
        </li>
      )}
      {rest > 0 && all && <li className="muted">{t('moreChanges', { count: rest })}</li>}
    </ul>
  );
}
