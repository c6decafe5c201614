import clsx from 'clsx';
import { useTranslation } from 'react-i18next';
import type { TodayFloorQuery, TodayJobsQuery, TodayPlanQuery, TodayTotalsQuery } from '../../api/generated/today';
import { Skeleton } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { atRisk, machinesBy } from './model';
import css from './Today.module.css';

interface Data {
  jobs: TodayJobsQuery | undefined;
  floor: TodayFloorQuery | undefined;
  plan: TodayPlanQuery | undefined;
  totals: TodayTotalsQuery | undefined;
  now: number;
}

/** The figures of the day; each leads to what is behind it. */
export function Tiles({ jobs, floor, plan, totals, now }: Data) {
  const { t } = useTranslation('today');
  const { amount } = useFormat();
  const risk = plan && atRisk(plan.ahead.bars, now).length;
  const machines = floor && machinesBy(floor.machines.edges.map(({ node }) => node));
  const days = totals?.shopTotals ?? [];
  const finished = totals && (days.at(-1)?.jobsFinished ?? 0);
  return (
    <ul className={css.tiles}>
      <Tile
        href="#late"
        name={t('tile.late')}
        tone={jobs && jobs.late.totalCount > 0 ? 'late' : undefined}
        value={jobs && amount(jobs.late.totalCount)}
      >
        <Trend values={days.map(({ late }) => late ?? 0)} label={t('tile.lateTrend', { days: days.length })} />
      </Tile>
      <Tile
        href="#late"
        name={t('tile.risk')}
        tone={risk ? 'risk' : undefined}
        value={risk === undefined ? undefined : amount(risk)}
        note={t('tile.riskNote')}
      />
      <Tile href="#busy" name={t('tile.inWork')} value={jobs && amount(jobs.inWork.totalCount)}>
        <Trend values={days.map(({ wip }) => wip ?? 0)} label={t('tile.inWorkTrend', { days: days.length })} />
      </Tile>
      <Tile
        href="#busy"
        name={t('tile.machines')}
        value={machines && t('tile.of', { some: amount(machines.busy.length), all: amount(machines.inUse.length) })}
        note={machines && (machines.stopped.length > 0 ? t('tile.stopped', { count: machines.stopped.length }) : t('tile.noneStopped'))}
      />
      <Tile href="#busy" name={t('tile.finished')} value={finished === undefined ? undefined : amount(finished)}>
        <Trend values={days.map(({ jobsFinished }) => jobsFinished)} label={t('tile.finishedTrend', { days: days.length })} />
      </Tile>
    </ul>
  );
}

interface TileProps {
  href: string;
  name: string;
  value: string | undefined;
  note?: string | undefined;
  tone?: 'late' | 'risk' | undefined;
  children?: React.ReactNode;
}

function Tile({ href, name, value, note, tone, children }: TileProps) {
  return (
    <li>
      <a href={href} className={css.tile}>
        <span className={css.tileName}>{name}</span>
        <span className={clsx(css.tileValue, tone && css[tone])}>{value ?? <Skeleton width={48} height={28} />}</span>
        <span className={css.tileFoot}>{children ?? note}</span>
      </a>
    </li>
  );
}

/** A line of days, the last of them today: how it went, not how much. */
function Trend({ values, label }: { values: number[]; label: string }) {
  if (values.length < 2) return null;
  const [width, height, most] = [96, 20, Math.max(1, ...values)];
  const points = values.map(
    (value, at) =>
      `${((at / (values.length - 1)) * (width - 4) + 2).toFixed(1)},${(height - 2 - (value / most) * (height - 4)).toFixed(1)}`,
  );
  const [lastX, lastY] = (points.at(-1) ?? '0,0').split(',');
  return (
    <svg width={width} height={height} role="img" aria-label={label} className={css.trend}>
      <polyline points={points.join(' ')} />
      <circle cx={lastX} cy={lastY} r={2} />
    </svg>
  );
}
