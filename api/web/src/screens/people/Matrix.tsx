import { UnstyledButton } from '@mantine/core';
import clsx from 'clsx';
import { CalendarX2, Hourglass, Plane } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/session';
import { Mark } from '../../design/Mark';
import { Scroll } from '../../design/Scroll';
import { useFormat } from '../../time/useFormat';
import type { Person } from './data';
import { SkillDialog } from './dialogs';
import { standingOf } from './model';
import css from './people.module.css';

interface MatrixProps {
  people: readonly Person[];
  skills: readonly string[];
  now: number;
  open: (code: string) => void;
}

/** Who can do what and how well; a cell is changed where it stands. */
export function Matrix({ people, skills, now, open }: MatrixProps) {
  const { t } = useTranslation('people');
  const mayChange = useMay()('MANAGE_OPERATORS');
  const [cell, setCell] = useState<{ person: Person; skill: string }>();
  if (people.length === 0) return <p className={css.nobody}>{t('nobodyFound')}</p>;
  return (
    <Scroll label={t('skills')}>
      <table className={css.matrix}>
        <thead>
          <tr>
            <th scope="col">{t('person')}</th>
            <th scope="col">{t('calendar')}</th>
            {skills.map((skill) => (
              <th key={skill} scope="col" className={css.skill}>
                {skill}
              </th>
            ))}
            {mayChange && (
              <th scope="col">
                <span className="visually-hidden">{t('skill.add')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id} className={clsx(!person.active && css.gone)}>
              <th scope="row">
                <UnstyledButton className={css.link} onClick={() => open(person.code)}>
                  {person.name ?? person.code}
                </UnstyledButton>{' '}
                <span className="muted">{person.code}</span> <Whereabouts person={person} now={now} />
              </th>
              <td className="muted">{person.calendar?.name ?? person.calendar?.code ?? t('asCompany')}</td>
              {skills.map((skill) => (
                <td key={skill} className={css.skill}>
                  <Cell
                    person={person}
                    skill={skill}
                    now={now}
                    edit={mayChange && person.active ? () => setCell({ person, skill }) : undefined}
                  />
                </td>
              ))}
              {mayChange && (
                <td>
                  {person.active && (
                    <UnstyledButton
                      className={css.plus}
                      onClick={() => setCell({ person, skill: '' })}
                      aria-label={t('skill.addFor', { name: person.name ?? person.code })}
                    >
                      +
                    </UnstyledButton>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {cell && <SkillDialog {...cell} skills={skills} close={() => setCell(undefined)} />}
    </Scroll>
  );
}

/** Who is away, or not with us any more. */
function Whereabouts({ person: { active, absences }, now }: { person: Person; now: number }) {
  const { t } = useTranslation('people');
  const { when } = useFormat();
  if (!active)
    return (
      <Mark tone="quiet" icon={CalendarX2}>
        {t('gone')}
      </Mark>
    );
  const away = absences.find(({ from, until }) => Date.parse(from) <= now && Date.parse(until) > now);
  if (away === undefined) return null;
  return (
    <Mark tone="held" icon={Plane} title={t('awayUntil', { when: when(Date.parse(away.until), now) })}>
      {t('away')}
    </Mark>
  );
}

interface CellProps {
  person: Person;
  skill: string;
  now: number;
  edit?: () => void;
}

function Cell({ person, skill, now, edit }: CellProps) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const held = person.skills.find((one) => one.skill === skill);
  const standing = held ? standingOf(held.expires, now) : 'good';
  const ends = held?.expires ? format.day(Date.parse(held.expires), now) : undefined;
  const name = person.name ?? person.code;
  const said = held
    ? [t('skill.of', { name, skill, level: held.level }), ends && t(standing === 'ended' ? 'skill.endedOn' : 'skill.endsOn', { day: ends })]
        .filter(Boolean)
        .join(', ')
    : t('skill.lacks', { name, skill });
  const shown = held ? (
    <span className={clsx(css.level, css[standing])} title={said}>
      {held.level}
      {standing !== 'good' && <Hourglass size={12} aria-hidden />}
    </span>
  ) : (
    <span className={css.none} aria-hidden>
      ·
    </span>
  );
  if (edit === undefined) {
    return (
      <>
        {shown}
        <span className="visually-hidden">{said}</span>
      </>
    );
  }
  return (
    <UnstyledButton className={css.cell} onClick={edit} aria-label={said}>
      {shown}
    </UnstyledButton>
  );
}
