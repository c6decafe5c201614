// The andon wall: what each machine is doing, to be read from ten metres. Nobody has to touch it; it goes from page to page by the clock,
// goes on by itself after every break, and says so where it is not up to date.
import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { CalendarClock, Check, CircleHelp, Maximize, Radio, Siren, TvMinimal, Unplug, X } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callsOf, useLiveCalls } from '../../andon/calls';
import { inOrder } from '../../andon/model';
import { heardAt, useFreshness } from '../../api/freshness';
import type { CallFragment } from '../../api/generated/andon';
import { Empty, Failure, Skeleton } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { useRealNow } from '../../time/useNow';
import { useAhead, useWallFloor } from './data';
import { gridOf, isTimeToRenew, nextOf, pageAt, pagesOf, type WallPage } from './model';
import { wall as route } from './route';
import { Tile } from './Tile';
import { useSomebody, useWakeLock } from './useAwake';
import css from './Wall.module.css';

const EVERY_S = 12;

/** Once a night it is loaded anew, while Kilter answers. */
function useRenewal(isLive: boolean): void {
  const now = useRealNow(60_000);
  const { timeOfDay } = useFormat();
  const [startedAt] = useState(Date.now);
  const hour = Number(timeOfDay(now).slice(0, 2));
  const isTime = isLive && isTimeToRenew(startedAt, now, hour);
  useEffect(() => {
    if (isTime) location.reload();
  }, [isTime]);
}

const readAspect = () => (innerWidth <= 700 ? undefined : innerWidth / Math.max(1, innerHeight * 0.86));

/** How wide the room for tiles is against its height. On a telephone it is as high as it has to be: that is scrolled. */
function useAspect(): number | undefined {
  const [aspect, setAspect] = useState(readAspect);
  useEffect(() => {
    const resized = () => setAspect(readAspect());
    addEventListener('resize', resized);
    return () => removeEventListener('resize', resized);
  }, []);
  return aspect;
}

export default function Wall() {
  const { t } = useTranslation('wall');
  const { areas, every = EVERY_S } = route.useSearch();
  const { floor, centers } = useWallFloor();
  const ahead = useAhead();
  const { data: open, failure: callsFailure } = useLiveCalls();
  const calls = useMemo(() => inOrder(callsOf(open)), [open]);
  const freshness = useFreshness();
  const now = useRealNow();
  const isStale = freshness === 'stale' || freshness === 'offline';
  useWakeLock();
  useRenewal(freshness === 'live');
  useEffect(() => {
    document.title = `${t('title')} · Kilter`;
  }, [t]);
  const wanted = useMemo(
    () =>
      (areas ?? '')
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    [areas],
  );
  const pages = useMemo(
    () =>
      floor.data &&
      centers.data &&
      pagesOf(
        floor.data.machines,
        centers.data.workCenters.edges.map(({ node }) => node),
        wanted,
      ),
    [floor.data, centers.data, wanted],
  );
  const next = useMemo(() => nextOf(ahead.data?.board.bars ?? []), [ahead.data]);
  const at = pageAt(now, every, pages?.length ?? 0);
  const page = pages?.[at];
  // It is said from the first time that nobody answers, and until somebody does.
  const failed = floor.error ?? centers.error ?? floor.failureReason ?? centers.failureReason;
  return (
    <main className={clsx(css.wall, isStale && css.stale)} data-look="dark" data-page={at} id="content">
      <Head
        page={page}
        pages={pages?.length ?? 0}
        at={at}
        late={ahead.data?.late.totalCount}
        calls={callsFailure === null ? (open?.andonCalls.totalCount ?? 0) : 'unknown'}
      />
      <Stale isStale={isStale} isOffline={freshness === 'offline'} askedAt={floor.dataUpdatedAt} />
      {page ? (
        <Tiles page={page} next={next} calls={calls} isStale={isStale} isNextKnown={ahead.data !== undefined} />
      ) : pages ? (
        <div className={css.middle}>
          <Empty icon={TvMinimal} title={wanted.length > 0 ? t('noneOf', { areas: wanted.join(', ') }) : t('none')}>
            {wanted.length > 0 ? t('noneOfWhy') : t('noneWhy')}
          </Empty>
        </div>
      ) : failed ? (
        <div className={css.middle}>
          <Failure error={failed} retry={() => void Promise.all([floor.refetch(), centers.refetch()])} />
        </div>
      ) : (
        <Waiting />
      )}
      <Controls />
    </main>
  );
}

interface HeadProps {
  page: WallPage | undefined;
  pages: number;
  at: number;
  late: number | undefined;
  /** Open calls for help, also those at no machine. */
  calls: number | 'unknown';
}

function Head({ page, pages, at, late, calls }: HeadProps) {
  const { t } = useTranslation(['wall', 'andon']);
  const format = useFormat();
  const now = useRealNow();
  return (
    <header className={css.head}>
      <h1 className={clsx((page?.titles.length ?? 0) > 2 && css.many)}>
        {page?.titles.join(' · ') ?? t('title')}
        {page?.part && <span className={css.part}> {t('part', page.part)}</span>}
      </h1>
      {pages > 1 && (
        <span className={css.dots} role="img" aria-label={t('page', { number: at + 1, of: pages })}>
          {Array.from({ length: pages }, (_, one) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a dot is its place
            <i key={one} className={one === at ? css.here : undefined} />
          ))}
        </span>
      )}
      {calls !== 0 && (
        <span className={css.calls} data-calls={calls}>
          {calls === 'unknown' ? <CircleHelp aria-hidden /> : <Siren aria-hidden />}
          {calls === 'unknown' ? t('andon:unknown') : t('andon:mark.calls', { count: calls })}
        </span>
      )}
      <span className={clsx(css.late, late === 0 && css.none)}>
        {late === undefined ? null : late === 0 ? <Check aria-hidden /> : <CalendarClock aria-hidden />}
        {late === undefined ? '' : late === 0 ? t('noneLate') : t('late', { count: late })}
      </span>
      <Fresh />
      <time className={css.clock} dateTime={new Date(now).toISOString()}>
        {format.timeOfDay(now)}
      </time>
    </header>
  );
}

/** How old what is shown is: always to be seen. */
function Fresh() {
  const { t } = useTranslation('wall');
  const freshness = useFreshness();
  const format = useFormat();
  const now = useRealNow();
  const heard = heardAt();
  if (freshness === 'live') {
    return (
      <span className={css.fresh}>
        <Radio aria-hidden /> {t('live')}
      </span>
    );
  }
  const age = heard === undefined ? undefined : format.roughly(Math.max(0, now - heard) / 1_000);
  return (
    <span className={clsx(css.fresh, css.old)}>
      <Unplug aria-hidden /> {age === undefined ? t('connecting') : t('old', { age })}
    </span>
  );
}

interface StaleProps {
  isStale: boolean;
  isOffline: boolean;
  /** When what is shown was asked for, milliseconds since 1970; 0 where it was not yet. */
  askedAt: number;
}

function Stale({ isStale, isOffline, askedAt }: StaleProps) {
  const { t } = useTranslation('wall');
  const format = useFormat();
  // Who has lost the network before anything was heard still knows when the tiles were asked for.
  const since = heardAt() ?? askedAt;
  return (
    <div role="status" className={isStale ? css.band : undefined}>
      {isStale && (
        <>
          <Unplug aria-hidden />
          <strong>{t('stale')}</strong>
          <span>{since === 0 ? t(isOffline ? 'offline' : 'silent') : t('asOf', { time: format.when(since, Date.now()) })}</span>
        </>
      )}
    </div>
  );
}

interface TilesProps {
  page: WallPage;
  calls: CallFragment[];
  next: ReturnType<typeof nextOf>;
  isStale: boolean;
  isNextKnown: boolean;
}

function Tiles({ page, calls, next, isStale, isNextKnown }: TilesProps) {
  const aspect = useAspect();
  const grid = aspect === undefined ? undefined : gridOf(page.tiles.length, aspect);
  return (
    <ul
      className={css.tiles}
      style={
        grid && {
          gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`,
          gridTemplateRows: `repeat(${grid.rows}, minmax(0, 1fr))`,
        }
      }
    >
      {page.tiles.map(({ machine, area }) => (
        <Tile
          key={machine.id}
          machine={machine}
          area={page.titles.length > 1 ? area : undefined}
          call={calls.find((call) => call.machine?.id === machine.id)}
          next={next.get(machine.id)}
          isNextKnown={isNextKnown}
          isStale={isStale}
        />
      ))}
    </ul>
  );
}

function Waiting() {
  const { t } = useTranslation('design');
  return (
    <div role="status" className={css.tiles}>
      <span className="visually-hidden">{t('loading')}</span>
      <Skeleton height="100%" />
    </div>
  );
}

/** For who hangs it up: they come with the pointer and go with it. */
function Controls() {
  const { t } = useTranslation('wall');
  const somebody = useSomebody();
  const canFill = document.fullscreenEnabled;
  return (
    <div className={clsx(css.controls, somebody && css.shown)}>
      {canFill && (
        <button
          type="button"
          onClick={() => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())}
        >
          <Maximize size={20} aria-hidden /> {t('full')}
        </button>
      )}
      <Link to="/">
        <X size={20} aria-hidden /> {t('leave')}
      </Link>
    </div>
  );
}
