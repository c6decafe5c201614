// What the floor looked like, picture by picture: where it began to go wrong is seen at a glance, and one click is there.
import { NativeSelect } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import clsx from 'clsx';
import { CalendarClock, Factory } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useHeldUntil } from '../../api/allowance';
import type { ReplayPictureQuery } from '../../api/generated/replay';
import { usePast } from '../../api/moment';
import { Page } from '../../design/Page';
import { MACHINE_AREAS } from '../../design/Status';
import { Empty, Failure, Skeleton } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { useNow, useRealNow } from '../../time/useNow';
import { cellOf, changedCells, EVERY, type Every, instantsOf, sumsOf } from './model';
import css from './replay.module.css';
import { replay as route } from './route';
import { usePictures } from './usePictures';

/** The newest picture is of a moment ago: the clocks of a device and of the server are never quite the same. */
const SETTLED_MS = 2_000;
const USUAL: Every = 'quarter';
const NAMES = Object.keys(EVERY) as Every[];

export default function Replay() {
  const { t } = useTranslation('replay');
  const { every = USUAL } = route.useSearch();
  const navigate = useNavigate({ from: '/replay' });
  const past = usePast();
  const present = useNow(15_000);
  const moment = past?.instant ?? present - SETTLED_MS;
  const instants = useMemo(() => instantsOf(moment, EVERY[every]), [moment, every]);
  const pictures = usePictures(instants);
  const failed = pictures.find(({ error }) => error !== null);
  const isEmpty = pictures.every(({ data }) => data !== undefined && data.machines.edges.length === 0);
  const choose = (
    <div className={css.every}>
      <span aria-hidden>{t('every')}</span>
      <NativeSelect
        size="xs"
        aria-label={t('every')}
        value={every}
        data={NAMES.map((name) => ({ value: name, label: t(`step.${name}`) }))}
        onChange={({ currentTarget: { value } }) =>
          void navigate({ search: (before) => ({ ...before, every: NAMES.find((name) => name === value) }), replace: true })
        }
      />
    </div>
  );
  return (
    <Page title={t('title')} actions={choose}>
      <p className={clsx('muted', css.how)}>{t('how')}</p>
      <Held />
      {failed?.error && pictures.every(({ data }) => data === undefined) ? (
        <Failure error={failed.error} retry={() => void Promise.all(pictures.map(({ refetch }) => refetch()))} />
      ) : isEmpty ? (
        <Empty icon={Factory} title={t('none')}>
          {t('noneWhy')}
        </Empty>
      ) : (
        <>
          <ol className={css.pictures}>
            {instants.map((instant, at) => (
              <li key={instant}>
                <Picture
                  instant={instant}
                  every={every}
                  picture={pictures[at]?.data}
                  before={pictures[at - 1]?.data}
                  isHere={past !== undefined && at === instants.length - 1}
                />
              </li>
            ))}
          </ol>
          <Legend />
        </>
      )}
    </Page>
  );
}

/** The pictures that are missing come in the next minute. */
function Held() {
  const { t } = useTranslation('replay');
  const [format, held] = [useFormat(), useHeldUntil() - useRealNow()];
  return <p role="status">{held > 0 && t('limited', { time: format.roughly(Math.ceil(held / 1_000)) })}</p>;
}

interface PictureProps {
  instant: number;
  every: Every;
  picture: ReplayPictureQuery | undefined;
  before: ReplayPictureQuery | undefined;
  isHere: boolean;
}

function Picture({ instant, every, picture, before, isHere }: PictureProps) {
  const { t } = useTranslation(['replay', 'design']);
  const format = useFormat();
  const now = useNow(60_000);
  const name = format.when(instant, now);
  if (picture === undefined) {
    return (
      <div className={css.picture} aria-busy="true">
        <span className={css.head}>{name}</span>
        <Skeleton height={64} />
      </div>
    );
  }
  const machines = picture.machines.edges.map(({ node }) => node).filter(({ status }) => status !== 'RETIRED');
  const changed = changedCells(
    before?.machines.edges.map(({ node }) => node),
    machines,
  );
  const sums = sumsOf(machines);
  return (
    <Link
      to="/replay"
      search={{ every, at: new Date(instant).toISOString() }}
      resetScroll={false}
      className={clsx(css.picture, isHere && css.here)}
      data-picture={new Date(instant).toISOString()}
    >
      <span className={css.head}>
        <time dateTime={new Date(instant).toISOString()} title={format.exactly(instant)}>
          {name}
        </time>
        {picture.late.totalCount > 0 && (
          <span className={css.late}>
            <CalendarClock size={14} aria-hidden /> {t('replay:late', { count: picture.late.totalCount })}
          </span>
        )}
      </span>
      <span className={css.cells} aria-hidden>
        {machines.map((machine) => {
          const cell = cellOf(machine);
          const [area, Icon] = MACHINE_AREAS[cell];
          const job = machine.atWork[0]?.job.code;
          return (
            <span
              key={machine.id}
              className={clsx(css.cell, css[area], changed.has(machine.id) && css.changed)}
              title={[machine.code, t(`design:machine.${cell}`), job].filter(Boolean).join(' · ')}
            >
              <Icon size={12} strokeWidth={2.5} />
              <span className={css.code}>{machine.code}</span>
            </span>
          );
        })}
      </span>
      <span className={css.sums}>
        {sums.all === 0 ? t('replay:none') : t('replay:running', { some: sums.running, all: sums.all })}
        {sums.stopped > 0 && <span className={css.stopped}>{t('replay:stopped', { count: sums.stopped })}</span>}
        <span>{t('replay:inWork', { count: picture.inWork.totalCount })}</span>
      </span>
    </Link>
  );
}

function Legend() {
  const { t } = useTranslation(['replay', 'design']);
  return (
    <ul className={css.legend}>
      {(['RUNNING', 'SETUP', 'AVAILABLE', 'DOWN', 'MAINTENANCE'] as const).map((cell) => {
        const [area, Icon] = MACHINE_AREAS[cell];
        return (
          <li key={cell}>
            <span className={clsx(css.cell, css[area])}>
              <Icon size={12} strokeWidth={2.5} aria-hidden />
            </span>
            {t(`design:machine.${cell}`)}
          </li>
        );
      })}
      <li>
        <span className={clsx(css.cell, css.free, css.changed)} />
        {t('replay:changed')}
      </li>
    </ul>
  );
}
