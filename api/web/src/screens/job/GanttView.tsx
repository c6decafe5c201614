import clsx from 'clsx';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import { startOfDay } from '../../time/zone';
import { daysOf, ganttOf, type Line, placeOf, type Stretch } from './gantt';
import css from './job.module.css';
import type { Job } from './useJob';

/** Plan over actual, drawn; the list of operations says the same in words. */
export function GanttView({ job }: { job: Job }) {
  const { t } = useTranslation('job');
  const [format, now] = [useFormat(), useNow(60_000)];
  const gantt = ganttOf(job, now);
  if (gantt.isEmpty) return <p className="muted">{t('gantt.none')}</p>;
  const days = daysOf(gantt, (at, on) => startOfDay(at, format.manner.zone, on));
  const [nowAt, dueAt] = [placeOf(gantt, now), job.due ? placeOf(gantt, Date.parse(job.due)) : undefined];
  return (
    <figure className={css.figure}>
      <div className={css.chart}>
        <div className={css.scale} aria-hidden>
          {days.map((day) => (
            <span key={day} style={{ left: `${placeOf(gantt, day) ?? 0}%` }}>
              {format.day(day, now)}
            </span>
          ))}
        </div>
        <ul className={css.lines} aria-label={t('gantt.title')}>
          {gantt.lines.map((line) => (
            <Bars key={line.operation.number} line={line} span={gantt} />
          ))}
        </ul>
        <div className={css.marksOver} aria-hidden>
          {days.map((day) => (
            <i key={day} className={css.day} style={{ left: `${placeOf(gantt, day) ?? 0}%` }} />
          ))}
          {nowAt !== undefined && <i className={css.now} style={{ left: `${nowAt}%` }} />}
          {dueAt !== undefined && <i className={css.dueMark} style={{ left: `${dueAt}%` }} />}
        </div>
      </div>
      <figcaption className={css.legend}>
        <span>
          <i className={css.planned} /> {t('gantt.planned')}
        </span>
        <span>
          <i className={css.actual} /> {t('gantt.actual')}
        </span>
        {nowAt !== undefined && (
          <span>
            <i className={css.now} /> {t('gantt.now')}
          </span>
        )}
        {dueAt !== undefined && (
          <span>
            <i className={css.dueMark} /> {t('fact.due')}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

function Bars({ line: { operation, planned, actual }, span }: { line: Line; span: Stretch }) {
  const { t } = useTranslation('job');
  const { exactly } = useFormat();
  const style = ({ from, until }: Stretch): CSSProperties => ({
    left: `${placeOf(span, from) ?? 0}%`,
    width: `max(3px, ${(100 * (until - from)) / (span.until - span.from)}%)`,
  });
  const said = [
    planned && `${t('gantt.planned')}: ${exactly(planned.from)} – ${exactly(planned.until)}`,
    actual && `${t('gantt.actual')}: ${exactly(actual.from)} – ${actual.goesOn ? t('gantt.now') : exactly(actual.until)}`,
  ].filter(Boolean);
  return (
    <li className={css.line} title={said.join('\n')}>
      <span className={css.lineName}>
        {operation.number} {operation.name}
        <span className="visually-hidden">. {said.length > 0 ? said.join('. ') : t('time.none')}</span>
      </span>
      <span className={css.track}>
        {planned && <i className={css.planned} style={style(planned)} />}
        {actual && <i className={clsx(css.actual, actual.goesOn && css.goesOn)} style={style(actual)} />}
      </span>
    </li>
  );
}
