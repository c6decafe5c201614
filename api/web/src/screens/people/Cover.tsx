import clsx from 'clsx';
import { TriangleAlert, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { JobLink } from '../../app/JobLink';
import { Mark } from '../../design/Mark';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { useFormat } from '../../time/useFormat';
import type { Person } from './data';
import { coverOf, type Gap } from './model';
import css from './people.module.css';

/** What open jobs need and nobody, or only one, can do. */
export function GapsPanel({ gaps, isAll }: { gaps: readonly Gap[]; isAll: boolean }) {
  const { t } = useTranslation('people');
  if (gaps.length === 0) return null;
  return (
    <Panel title={t('gaps.title')} aside={isAll ? t('gaps.aside') : t('gaps.asideSome')}>
      <ul className={css.gaps}>
        {gaps.map(({ skill, level, operations, jobs, only }) => (
          <li key={`${skill} ${level}`}>
            {only === undefined ? (
              <Mark tone="late" icon={TriangleAlert}>
                {t('gaps.nobody')}
              </Mark>
            ) : (
              <Mark tone="risk" icon={UserRound}>
                {t('gaps.only', { name: only })}
              </Mark>
            )}{' '}
            <strong>{t('gaps.skill', { skill, level })}</strong> <span className="muted">{t('gaps.wait', { count: operations })}</span>{' '}
            {jobs.slice(0, 4).map((job, at) => (
              <span key={job}>
                {at > 0 && ', '}
                <JobLink number={job} />
              </span>
            ))}
            {jobs.length > 4 && <span className="muted"> {t('gaps.more', { count: jobs.length - 4 })}</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Who covers what: for each skill and day, how many are there. */
export function CoverPanel({ people, skills, days }: { people: readonly Person[]; skills: readonly string[]; days: readonly number[] }) {
  const { t } = useTranslation('people');
  const { manner } = useFormat();
  if (skills.length === 0) return null;
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(manner.locale, { timeZone: manner.zone, ...options });
  const [weekday, number, whole] = [format({ weekday: 'short' }), format({ day: 'numeric' }), format({ dateStyle: 'full' })];
  const list = new Intl.ListFormat(manner.locale);
  return (
    <Panel title={t('cover.title')} aside={t('cover.aside')} flush>
      <Scroll label={t('cover.title')}>
        <table className={clsx(css.matrix, css.cover)}>
          <thead>
            <tr>
              <th scope="col">{t('skill.name')}</th>
              {days.slice(0, -1).map((day) => (
                <th key={day} scope="col" className={css.skill} title={whole.format(day)}>
                  <span className="muted">{weekday.format(day)}</span> {number.format(day)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {coverOf(people, skills, days).map(({ skill, days: there }) => (
              <tr key={skill}>
                <th scope="row">{skill}</th>
                {there.map((names, at) => (
                  <td key={days[at]} className={css.skill} title={names.length > 0 ? list.format(names) : t('cover.nobody')}>
                    {names.length === 0 ? <span className={css.nobodyThere}>0</span> : names.length}
                    <span className="visually-hidden">{names.length > 0 ? `: ${list.format(names)}` : `: ${t('cover.nobody')}`}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
