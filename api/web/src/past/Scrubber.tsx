// The time line itself: what happened how densely, what stands out, and where one is. Counts come in parts from the server, so that a
// hundred thousand events weigh no more than a hundred.
import clsx from 'clsx';
import { Ban, CalendarClock, Flag, type LucideIcon, OctagonX } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PastDensityQuery } from '../api/generated/past';
import { useFormat } from '../time/useFormat';
import type { Zone } from '../time/zone';
import { BUCKETS, heights, instantAt, type Line, places, share, ticks, within } from './model';
import css from './Scrubber.module.css';
import type { Mark } from './useDensity';

const HEIGHT = 40;
/** While it is dragged the screen follows this often. */
const FOLLOW_MS = 200;
const TICKS = 12;

const LOOKS: Record<Mark['kind'], readonly [LucideIcon, string | undefined]> = {
  MACHINE_DOWN: [OctagonX, css.down],
  JOB_BLOCKED: [Ban, css.blocked],
  COMPLETED_LATE: [CalendarClock, css.late],
  PLAN_PUBLISHED: [Flag, css.plan],
};

export interface ScrubberProps {
  line: Line;
  instant: number;
  now: number;
  beginning: number | undefined;
  density: PastDensityQuery['activityDensity'] | undefined;
  zone: Zone;
  go: (at: number) => void;
  toMark: (mark: Mark) => void;
  nameOf: (mark: Mark) => string;
  zoom: (factor: number, around: number) => void;
}

const percent = (part: number): string => `${(within(part, 0, 1) * 100).toFixed(3)}%`;

export function Scrubber({ line, instant, now, beginning, density, zone, go, toMark, nameOf, zoom }: ScrubberProps) {
  const { t } = useTranslation('past');
  const format = useFormat();
  const track = useRef<HTMLDivElement>(null);
  const { dragged, begin, move, end } = useDrag(line, go, now);
  const [over, setOver] = useState<number>();
  const shown = dragged ?? instant;
  const onWheel = useEffectEvent((event: WheelEvent) => {
    if (event.deltaY === 0 || track.current === null) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, instantAt(line, partOf(event, track.current)));
  });
  useEffect(() => {
    const place = track.current;
    place?.addEventListener('wheel', onWheel, { passive: false });
    return () => place?.removeEventListener('wheel', onWheel);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const part = (line.until - line.from) / BUCKETS;
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowDown: -1,
      ArrowRight: 1,
      ArrowUp: 1,
      PageDown: -BUCKETS / 8,
      PageUp: BUCKETS / 8,
    };
    const edges: Record<string, number> = {
      Home: Math.max(line.from, beginning ?? 0),
      // `now` is told anew only every so often: what is newest may have come since.
      End: line.until >= now ? Date.now() : line.until,
    };
    const by = steps[event.key];
    const to = by === undefined ? edges[event.key] : shown + by * part * (event.shiftKey ? 10 : 1);
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  const at = over === undefined ? undefined : instantAt(line, over);
  return (
    <div className={css.line}>
      <Marks density={density} line={line} toMark={toMark} nameOf={nameOf} />
      <div
        ref={track}
        className={css.track}
        role="slider"
        tabIndex={0}
        aria-label={t('line.at')}
        aria-valuemin={line.from}
        aria-valuemax={line.until}
        aria-valuenow={Math.round(shown)}
        aria-valuetext={format.precisely(shown)}
        onKeyDown={onKeyDown}
        onPointerDown={begin}
        onPointerMove={(event) => {
          setOver(partOf(event, event.currentTarget));
          move(event);
        }}
        onPointerUp={end}
        onPointerCancel={end}
        onPointerLeave={() => setOver(undefined)}
        data-scrubber
      >
        <Density density={density} line={line} />
        {beginning !== undefined && beginning > line.from && (
          <span className={css.unknown} style={{ width: percent(share(line, beginning)) }} title={t('line.unknown')} />
        )}
        <span className={css.ahead} style={{ left: percent(share(line, now)) }} />
        {at !== undefined && (
          <span className={clsx(css.over, (over ?? 0) > 0.5 && css.left)} style={{ left: percent(over ?? 0) }}>
            <span>{format.precisely(at)}</span>
          </span>
        )}
        <span className={css.head} style={{ left: percent(share(line, shown)) }} />
      </div>
      <Ticks line={line} zone={zone} />
    </div>
  );
}

/** Where a pointer is on the line, 0 to 1. */
function partOf(event: { clientX: number }, place: Element): number {
  const { left, width } = place.getBoundingClientRect();
  return within((event.clientX - left) / width, 0, 1);
}

/** The head follows the hand at once; the screen some times a second, and at the end. */
function useDrag(line: Line, go: (at: number) => void, now: number) {
  const [dragged, setDragged] = useState<number>();
  const went = useRef(0);
  const to = (event: PointerEvent) => Math.min(now, instantAt(line, partOf(event, event.currentTarget)));
  return {
    dragged,
    begin: (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setDragged(to(event));
    },
    move: (event: PointerEvent<HTMLDivElement>) => {
      if (dragged === undefined) return;
      setDragged(to(event));
      if (performance.now() - went.current < FOLLOW_MS) return;
      went.current = performance.now();
      go(to(event));
    },
    end: (event: PointerEvent<HTMLDivElement>) => {
      if (dragged === undefined) return;
      setDragged(undefined);
      go(to(event));
    },
  };
}

function Density({ density, line }: Pick<ScrubberProps, 'density' | 'line'>) {
  const path = useMemo(() => {
    const buckets = density?.buckets ?? [];
    const high = heights(buckets.map(({ count }) => count));
    const width = (line.until - line.from) / BUCKETS;
    return buckets
      .map(({ from, count }, at) => {
        if (count === 0) return '';
        const x = ((Date.parse(from) - line.from) / width).toFixed(2);
        const y = Math.max(1.5, (high[at] ?? 0) * HEIGHT).toFixed(1);
        return `M${x} ${HEIGHT}v-${y}h.72v${y}z`;
      })
      .join('');
  }, [density, line]);
  return (
    <svg className={css.density} viewBox={`0 0 ${BUCKETS} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

function Marks({ density, line, toMark, nameOf }: Pick<ScrubberProps, 'density' | 'line' | 'toMark' | 'nameOf'>) {
  const { t } = useTranslation('past');
  const format = useFormat();
  const made = useMemo(() => places(density?.marks ?? [], line, 0.03), [density, line]);
  return (
    <div className={css.marks}>
      {made.map(({ part, marks }) => {
        const worst = marks.find(({ kind }) => kind === 'MACHINE_DOWN') ?? marks[0];
        if (worst === undefined) return null;
        const [Icon, tone] = LOOKS[worst.kind];
        const what = marks.slice(0, 6).map((mark) => `${nameOf(mark)}, ${format.precisely(Date.parse(mark.recordedAt))}`);
        const more = marks.length > 6 ? [t('moreMarks', { count: marks.length - 6 })] : [];
        return (
          <button
            key={worst.position}
            type="button"
            // Who has a keyboard goes from mark to mark by [ and ].
            tabIndex={-1}
            className={clsx(css.mark, tone)}
            style={{ left: percent(part) }}
            title={[...what, ...more].join('\n')}
            aria-label={what[0]}
            onClick={() => toMark(worst)}
          >
            <Icon size={14} strokeWidth={2.25} aria-hidden />
            {marks.length > 1 && <span>{marks.length}</span>}
          </button>
        );
      })}
    </div>
  );
}

function Ticks({ line, zone }: { line: Line; zone: Zone }) {
  const format = useFormat();
  return (
    <div className={css.ticks} aria-hidden>
      {ticks(line, zone, TICKS).map(({ at, isDay }) => (
        <span key={at} className={clsx(isDay && css.day)} style={{ left: percent(share(line, at)) }}>
          {isDay ? format.day(at, line.until) : format.timeOfDay(at)}
        </span>
      ))}
    </div>
  );
}
