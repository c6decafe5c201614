// A week of shifts: drawn by day, moved and stretched by hand, by keys, and by a form.
import { Button } from '@mantine/core';
import clsx from 'clsx';
import { Plus } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './calendars.module.css';
import { ShiftDialog } from './ShiftDialog';
import { useWeekdays } from './useWeekdays';
import { begun, clockOf, DAY, type Fault, faultsOf, lengthened, moved, type Piece, piecesOf, STEP, type WeekShift } from './week';

interface WeekEditorProps {
  week: readonly WeekShift[];
  /** Absent for who only looks. */
  change?: (week: WeekShift[]) => void;
}

type Hold = 'move' | 'begin' | 'end';

const HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24];

export function WeekEditor({ week, change }: WeekEditorProps) {
  const { t } = useTranslation('calendars');
  const days = useWeekdays('long');
  const [asked, setAsked] = useState<WeekShift>();
  const [held, setHeld] = useState<WeekShift>();
  const grid = useRef<HTMLOListElement>(null);
  const shown = held ? [...week.filter(({ id }) => id !== held.id), held] : week;
  const faults = faultsOf(shown);
  const nextId = Math.max(0, ...week.map(({ id }) => id)) + 1;
  const put = (shift: WeekShift) => change?.([...week.filter(({ id }) => id !== shift.id), shift]);
  const drop = (shift: WeekShift) => change?.(week.filter(({ id }) => id !== shift.id));

  /** Follows the pointer from where it went down until it is let go; what it was comes back with Escape. */
  const hold = (
    event: PointerEvent<HTMLElement>,
    how: (minutes: number, days: number) => WeekShift,
    done: (last: WeekShift, isMoved: boolean) => void,
  ) => {
    const box = grid.current?.getBoundingClientRect();
    if (event.button !== 0 || box === undefined) return;
    const [x, y] = [event.clientX, event.clientY];
    const [minute, row] = [DAY / (box.width - LABEL), box.height / 7];
    let last = how(0, 0);
    let isMoved = false;
    const over = new AbortController();
    const follow = (at: globalThis.PointerEvent) => {
      isMoved ||= Math.abs(at.clientX - x) > 4 || Math.abs(at.clientY - y) > row / 2;
      last = how((at.clientX - x) * minute, Math.round((at.clientY - y) / row));
      if (isMoved) setHeld(last);
    };
    const stop = (kept: boolean) => {
      over.abort();
      setHeld(undefined);
      if (kept) done(last, isMoved);
    };
    const onEscape = (key: globalThis.KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      key.stopPropagation();
      stop(false);
    };
    // On the window: what is moved to another day is drawn anew there.
    const heard = { signal: over.signal };
    addEventListener('pointermove', follow, heard);
    addEventListener('pointerup', () => stop(true), heard);
    addEventListener('pointercancel', () => stop(false), heard);
    addEventListener('keydown', onEscape, { ...heard, capture: true });
  };

  const holdShift = (event: PointerEvent<HTMLElement>, shift: WeekShift, what: Hold) => {
    event.stopPropagation();
    const how = (minutes: number, on: number) =>
      what === 'move' ? moved(shift, snap(minutes) + on * DAY) : what === 'end' ? lengthened(shift, minutes) : begun(shift, minutes);
    hold(event, how, (last, isMoved) => (isMoved ? put(last) : setAsked(shift)));
  };
  /** A new one where there is none. */
  const draw = (event: PointerEvent<HTMLElement>, day: number) => {
    const box = event.currentTarget.getBoundingClientRect();
    const from = Math.floor((((event.clientX - box.left) / box.width) * DAY) / STEP) * STEP;
    const blank: WeekShift = { id: nextId, day, from, length: STEP, name: '', breaks: [] };
    hold(
      event,
      (minutes) => lengthened(blank, minutes),
      (last, isMoved) => isMoved && put(last),
    );
  };
  const onKey = (event: KeyboardEvent, shift: WeekShift) => {
    const across = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    const down = { ArrowUp: -DAY, ArrowDown: DAY }[event.key];
    if (across !== undefined) put(event.shiftKey ? lengthened(shift, across) : moved(shift, across));
    else if (down !== undefined) put(moved(shift, down));
    else if (event.key === 'Delete' || event.key === 'Backspace') drop(shift);
    else return;
    event.preventDefault();
  };
  return (
    <div>
      <p className="muted">{change ? t('week.how') : null}</p>
      <div className={css.weekBox}>
        <div className={css.hours} aria-hidden>
          {HOURS.map((hour) => (
            <span key={hour} style={{ left: `${(100 * hour) / 24}%` }}>
              {hour}
            </span>
          ))}
        </div>
        <ol className={css.week} ref={grid} aria-label={t('week.title')}>
          {days.map((name, day) => (
            <li key={name} className={css.weekDay}>
              <span className={css.dayName}>{name}</span>
              <div className={clsx(css.track, change && css.drawn)} onPointerDown={change && ((event) => draw(event, day))}>
                {piecesOf(shown)
                  .filter((piece) => piece.day === day)
                  .sort((one, other) => one.from - other.from)
                  .map((piece) => (
                    <Block
                      key={`${piece.shift.id} ${piece.goesOn}`}
                      piece={piece}
                      fault={faults.get(piece.shift.id)}
                      isHeld={held?.id === piece.shift.id}
                      hold={change && holdShift}
                      onKey={change && onKey}
                      edit={change && (() => setAsked(piece.shift))}
                    />
                  ))}
              </div>
            </li>
          ))}
        </ol>
      </div>
      {change && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setAsked({ id: nextId, day: 0, from: 360, length: 480, name: '', breaks: [] })}
        >
          {t('shift.add')}
        </Button>
      )}
      {asked && change && (
        <ShiftDialog
          shift={asked}
          isNew={!week.some(({ id }) => id === asked.id)}
          save={(shifts) =>
            change([
              ...week.filter(({ id }) => id !== asked.id),
              ...shifts.map((one, at) => ({ ...one, id: at === 0 ? asked.id : nextId + at })),
            ])
          }
          remove={() => drop(asked)}
          close={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}

/** What the names of the days take. */
const LABEL = 104;
/** Minutes of a block that has room for one time only. */
const NARROW = 180;
const snap = (minutes: number): number => Math.round(minutes / STEP) * STEP;

interface BlockProps {
  piece: Piece;
  fault?: Fault;
  isHeld: boolean;
  hold?: (event: PointerEvent<HTMLElement>, shift: WeekShift, what: Hold) => void;
  onKey?: (event: KeyboardEvent, shift: WeekShift) => void;
  edit?: () => void;
}

function Block({ piece: { shift, day, from, to, goesOn }, fault, isHeld, hold, onKey, edit }: BlockProps) {
  const { t } = useTranslation('calendars');
  const days = useWeekdays('long');
  const [begins, ends] = [clockOf(shift.from), clockOf(shift.from + shift.length)];
  const said = [
    t('shift.said', { day: days[shift.day] ?? '', from: begins, to: ends }),
    shift.name,
    ...shift.breaks.map((one) =>
      t('break.said', { from: clockOf(shift.from + one.after), to: clockOf(shift.from + one.after + one.length) }),
    ),
    fault && t(`fault.${fault}`),
  ]
    .filter(Boolean)
    .join(', ');
  const style = { left: `${(100 * from) / DAY}%`, width: `${(100 * (to - from)) / DAY}%` };
  const name = clsx(css.block, goesOn && css.goesOn, fault && css.faulty, isHeld && css.held);
  const offset = goesOn ? DAY - shift.from : 0;
  const inside = (
    <>
      {shift.breaks.map((one) => {
        const [begin, end] = [Math.max(0, one.after - offset), Math.min(to - from, one.after - offset + one.length)];
        return end > begin ? (
          <i
            key={one.after}
            className={css.break}
            style={{ left: `${(100 * begin) / (to - from)}%`, width: `${(100 * (end - begin)) / (to - from)}%` }}
          />
        ) : null;
      })}
      <span className={css.blockName} aria-hidden>
        {goesOn ? `– ${ends}` : to - from < NARROW ? begins : `${begins}–${ends} ${shift.name}`}
      </span>
    </>
  );
  if (hold === undefined) {
    return (
      <span className={name} style={style} title={said}>
        {inside}
        <span className="visually-hidden">{goesOn ? '' : said}</span>
      </span>
    );
  }
  return (
    <button
      type="button"
      className={name}
      style={style}
      title={said}
      aria-label={said}
      aria-hidden={goesOn || undefined}
      tabIndex={goesOn ? -1 : 0}
      data-shift={`${day} ${begins}`}
      onPointerDown={(event) => hold(event, shift, 'move')}
      onKeyDown={(event) => onKey?.(event, shift)}
      // By keyboard; the pointer is heard when it is let go.
      onClick={(event) => event.detail === 0 && edit?.()}
    >
      {inside}
      {!goesOn && <i className={clsx(css.edge, css.edgeStart)} onPointerDown={(event) => hold(event, shift, 'begin')} />}
      {(goesOn || shift.from + shift.length <= DAY) && (
        <i className={clsx(css.edge, css.edgeEnd)} onPointerDown={(event) => hold(event, shift, 'end')} />
      )}
    </button>
  );
}
