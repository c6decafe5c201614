// Under a screen of an earlier moment: the time line of what happened, to go along by hand, from mark to mark, or as a film.
import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { ChevronFirst, ChevronLast, Minus, Pause, Play, Plus, StepBack, StepForward } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { atOf, type Moment } from '../api/as-of';
import { useKeys } from '../app/keys';
import { useFormat } from '../time/useFormat';
import { useRealNow } from '../time/useNow';
import { zoneOf } from '../time/zone';
import css from './Dock.module.css';
import { GoTo } from './GoTo';
import { BUCKETS, following, lineAround, SPANS, SPEEDS, type Span, type Standing, within, zoomed } from './model';
import { Scrubber } from './Scrubber';
import { arrived, type Place, sentTo } from './standing';
import { type Mark, useBeginning, useDensity } from './useDensity';
import { useLook } from './useLook';
import { useMarks } from './useMarks';
import { usePlay } from './usePlay';

const isSpan = (text: string): text is Span => text in SPANS;

/** `said` is how the address names the moment. */
export default function Dock({ instant, said }: { instant: number; said: string }) {
  const { t } = useTranslation('past');
  const format = useFormat();
  const now = useRealNow(10_000);
  const { look } = useLook();
  const play = usePlay();
  const [chosen, setLine] = useState(() => lineAround(instant, SPANS.shift, now));
  const line = following(chosen, instant, now);
  if (line !== chosen) setLine(line);
  const { data } = useDensity(line, now);
  const beginning = useBeginning();
  const [told, tell] = useState('');
  const span = line.until - line.from;
  const named = (Object.keys(SPANS) as Span[]).find((name) => Math.abs(SPANS[name] - span) < 1);

  // Where the last key leads to, which the address says a moment later: keys come faster.
  const place = useRef<Place>({ at: instant, sent: [] });
  useEffect(() => {
    place.current = arrived(place.current, said, instant);
  }, [said, instant]);
  const lead = (standing: Standing, moment: Moment) => {
    place.current = sentTo(place.current, standing, atOf(moment));
    look(moment);
  };
  const go = (to: number) => {
    const at = within(to, 0, Date.now() - 1_000);
    lead({ at }, { instant: new Date(at).toISOString() });
  };
  const byHand = (at: number) => {
    play.pause();
    go(at);
  };
  const step = (direction: 1 | -1) => byHand(place.current.at + (direction * span) / BUCKETS);
  const nameOf = ({ kind, thing }: Mark) => [t(`mark.${kind}`), thing?.code].filter(Boolean).join(' ');
  const toMark = (mark: Mark) => {
    play.pause();
    const at = Date.parse(mark.recordedAt);
    tell(`${nameOf(mark)}, ${format.precisely(at)}`);
    lead({ at, position: mark.position }, { position: mark.position });
  };
  const seek = useMarks(line, place);
  const toBeside = (direction: 1 | -1) => {
    play.pause();
    seek(direction, toMark, (isKnown) => tell(isKnown ? t('noMark') : t('marksUnknown')));
  };
  const zoom = (factor: number, around = instant) => setLine(zoomed(line, factor, around, now));

  useKeys([
    { keys: 'k', does: t('key.play'), run: play.toggle },
    { keys: 'j', does: t('key.back'), run: () => step(-1) },
    { keys: 'l', does: t('key.on'), run: () => step(1) },
    { keys: '[', does: t('key.previousMark'), run: () => toBeside(-1) },
    { keys: ']', does: t('key.nextMark'), run: () => toBeside(1) },
  ]);

  return (
    <section className={css.dock} aria-label={t('line.name')}>
      <div className={css.controls}>
        <div className={css.group}>
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t('key.previousMark')}
            title={`${t('key.previousMark')} [`}
            onClick={() => toBeside(-1)}
          >
            <ChevronFirst size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="default" size={30} aria-label={t('key.back')} title={`${t('key.back')} J`} onClick={() => step(-1)}>
            <StepBack size={14} aria-hidden />
          </ActionIcon>
          <Button
            size="xs"
            miw={92}
            leftSection={play.playing ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
            onClick={play.toggle}
            title="K"
          >
            {play.playing ? t('pause') : t('play')}
          </Button>
          <ActionIcon variant="default" size={30} aria-label={t('key.on')} title={`${t('key.on')} L`} onClick={() => step(1)}>
            <StepForward size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t('key.nextMark')}
            title={`${t('key.nextMark')} ]`}
            onClick={() => toBeside(1)}
          >
            <ChevronLast size={16} aria-hidden />
          </ActionIcon>
          <NativeSelect
            size="xs"
            aria-label={t('speed')}
            value={String(play.speed)}
            data={SPEEDS.map((speed) => ({ value: String(speed), label: `× ${format.amount(speed)}` }))}
            onChange={(event) => play.setSpeed(Number(event.currentTarget.value))}
          />
        </div>
        <div className={css.at}>
          <GoTo instant={instant} go={byHand} />
          <p role="status" className={css.told}>
            {told}
          </p>
        </div>
        <div className={css.group}>
          <ActionIcon variant="default" size={30} aria-label={t('zoomOut')} onClick={() => zoom(2)}>
            <Minus size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="default" size={30} aria-label={t('zoomIn')} onClick={() => zoom(0.5)}>
            <Plus size={16} aria-hidden />
          </ActionIcon>
          <NativeSelect
            size="xs"
            aria-label={t('seen')}
            value={named ?? ''}
            data={[
              ...(named === undefined ? [{ value: '', label: format.roughly(span / 1_000) }] : []),
              ...Object.keys(SPANS).map((name) => ({ value: name, label: t(`span.${name as Span}`) })),
            ]}
            onChange={({ currentTarget: { value } }) => isSpan(value) && setLine(lineAround(instant, SPANS[value], now))}
          />
        </div>
      </div>
      <Scrubber
        line={line}
        instant={instant}
        now={now}
        beginning={beginning}
        density={data?.activityDensity}
        zone={zoneOf(format.manner.zone)}
        go={byHand}
        toMark={toMark}
        nameOf={nameOf}
        zoom={zoom}
      />
    </section>
  );
}
