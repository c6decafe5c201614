// All about the selected bar: plan beside actual, ready or what it waits for, why its job ends when it does, and what can be done with it.
import { ActionIcon, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check, Hourglass, Pin, PinOff, Play, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { BoardWhyDocument, type BoardWhyQuery } from '../../api/generated/board';
import { ask } from '../../api/query';
import { Mark } from '../../design/Mark';
import { Status } from '../../design/Status';
import { Failure, SkeletonRows } from '../../design/states';
import { Duration, Quantity, When } from '../../design/values';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './board.module.css';
import { type Planned, plannedKey } from './data';
import { FactsHead } from './FactsHead';

export interface DetailProps {
  planned: Planned;
  mayMove: boolean;
  move: () => void;
  pin: () => void;
  takeOut: () => void;
  close: () => void;
}

export function Detail({ planned, mayMove, move, pin, takeOut, close }: DetailProps) {
  const { t } = useTranslation('board');
  const waiting = planned.status === 'WAITING' && !planned.over;
  return (
    <section className={css.side} aria-label={t('detail.name')} data-detail>
      <header className={css.sideHead}>
        <div>
          <h2>
            {planned.job.code} · {planned.operation} {planned.name}
          </h2>
          <p className="muted">{planned.job.name}</p>
        </div>
        <ActionIcon variant="subtle" color="gray" aria-label={t('close')} onClick={close}>
          <X size={16} aria-hidden />
        </ActionIcon>
      </header>
      <div className={css.marks}>
        <Status of="operation" is={planned.status} />
        <LateMark planned={planned} />
        {planned.pin && (
          <Mark tone="plain" icon={Pin} title={planned.pin.reason}>
            {t('detail.pinned', { reason: planned.pin.reason })}
          </Mark>
        )}
      </div>
      {mayMove && waiting && (
        <div className={css.actions}>
          <Button size="xs" variant="default" onClick={move}>
            {t('detail.move')}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={planned.pin ? <PinOff size={14} aria-hidden /> : <Pin size={14} aria-hidden />}
            onClick={pin}
          >
            {planned.pin ? t('detail.unpin') : t('detail.pin')}
          </Button>
          <Button size="xs" variant="default" onClick={takeOut}>
            {t('detail.takeOut')}
          </Button>
        </div>
      )}
      <Facts planned={planned} />
      <Why key={plannedKey(planned)} planned={planned} />
    </section>
  );
}

function LateMark({ planned }: { planned: Planned }) {
  const { t } = useTranslation('design');
  const format = useFormat();
  if (!planned.late || !planned.due) return null;
  const by = (Date.parse(planned.finishedAt ?? planned.end) - Date.parse(planned.due)) / 1_000;
  return (
    <Mark tone="late" icon={Hourglass} title={t('late.due', { when: format.exactly(Date.parse(planned.due)) })}>
      {t('late.by', { time: format.roughly(Math.max(60, by)) })}
    </Mark>
  );
}

function Facts({ planned }: { planned: Planned }) {
  const { t } = useTranslation('board');
  return (
    <table className={css.facts}>
      <FactsHead one={t('detail.plan')} other={t('detail.actual')} />
      <tbody>
        <tr>
          <th scope="row">{t('detail.start')}</th>
          <td>
            <When at={planned.start} />
          </td>
          <td>{planned.startedAt ? <When at={planned.startedAt} /> : '–'}</td>
        </tr>
        <tr>
          <th scope="row">{t('detail.end')}</th>
          <td>
            <When at={planned.end} />
          </td>
          <td>{planned.finishedAt ? <When at={planned.finishedAt} /> : '–'}</td>
        </tr>
        <tr>
          <th scope="row">{t('detail.setup')}</th>
          <td>
            <Duration seconds={(Date.parse(planned.runStart) - Date.parse(planned.start)) / 1_000} />
          </td>
          <td>–</td>
        </tr>
        <tr>
          <th scope="row">{t('detail.quantity')}</th>
          <td>{planned.quantity ? <Quantity amount={planned.quantity} unit={planned.unit} /> : t('detail.unknown')}</td>
          <td>
            <Quantity amount={planned.good} unit={planned.unit} />
          </td>
        </tr>
        <tr>
          <th scope="row">{t('detail.where')}</th>
          <td colSpan={2}>
            {planned.machine?.code ?? t('lane.elsewhere')}
            {planned.operator && `, ${planned.operator.name ?? planned.operator.code}`}
          </td>
        </tr>
        <tr>
          <th scope="row">{t('detail.due')}</th>
          <td colSpan={2}>{planned.due ? <When at={planned.due} /> : t('detail.noDue')}</td>
        </tr>
      </tbody>
    </table>
  );
}

function Why({ planned }: { planned: Planned }) {
  const { t } = useTranslation('board');
  const { data, error, refetch } = useQuery({
    queryKey: ['board', 'beside', 'why', planned.job.id, planned.workCenter.id],
    queryFn: ({ signal }) => ask(BoardWhyDocument, { jobId: planned.job.id, workCenterId: planned.workCenter.id }, signal),
  });
  if (error) return <Failure compact error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={5} height={24} />;
  const ready = data.readyToRun.find(({ job, operation }) => job.id === planned.job.id && operation === planned.operation);
  return (
    <>
      {planned.status !== 'FINISHED' && ready && <Ready ready={ready} />}
      <h3 className={css.sub}>{t('why.title')}</h3>
      {data.whyLate ? <Stretches why={data.whyLate} /> : <p className="muted">{t('why.none')}</p>}
    </>
  );
}

function Ready({ ready }: { ready: BoardWhyQuery['readyToRun'][number] }) {
  const { t } = useTranslation('board');
  const [format, now] = [useFormat(), useNow(60_000)];
  if (ready.running) {
    return (
      <Mark tone="running" icon={Play}>
        {t('ready.running')}
      </Mark>
    );
  }
  if (ready.waitsFor.length === 0) {
    return (
      <Mark tone="running" icon={Check}>
        {t('ready.now')}
      </Mark>
    );
  }
  return (
    <ul className={css.waits}>
      {ready.waitsFor.map(({ kind, operation, until }) => (
        <li key={`${kind} ${operation}`}>
          <Mark tone="held" icon={Hourglass}>
            {t(`waits.${kind}`, { operation: operation ?? '', when: until ? format.when(Date.parse(until), now) : '' })}
          </Mark>
        </li>
      ))}
    </ul>
  );
}

const TONES = { RUN: css.run, SETUP: css.setup, DONE: css.run } as Record<string, string | undefined>;

/** Where the time of the job goes, as a strip and in words, the longest first. */
function Stretches({ why }: { why: NonNullable<BoardWhyQuery['whyLate']> }) {
  const { t } = useTranslation('board');
  const [from, until] = [Date.parse(why.release), Date.parse(why.end)];
  const all = why.stretches.map((stretch) => ({ ...stretch, ms: Date.parse(stretch.until) - Date.parse(stretch.from) }));
  const sums = new Map<string, { words: string; ms: number; tone: string | undefined }>();
  for (const one of all) {
    const who = one.operator?.name ?? one.operator?.code ?? '';
    const words = t(`cause.${one.cause}`, { machine: one.machine?.code ?? '', who, tool: one.tool ?? '', job: one.otherJob?.code ?? '' });
    const known = sums.get(words);
    sums.set(words, { words, ms: (known?.ms ?? 0) + one.ms, tone: TONES[one.cause] });
  }
  const longest = [...sums.values()].sort((one, other) => other.ms - one.ms).slice(0, 8);
  const part = (at: number) => `${(100 * (at - from)) / Math.max(1, until - from)}%`;
  return (
    <>
      <div className={css.strip} aria-hidden>
        {all.map((one) => (
          <span
            key={one.from}
            className={TONES[one.cause] ?? css.wait}
            style={{ left: part(Date.parse(one.from)), width: `calc(${part(from + one.ms)} - 1px)` }}
          />
        ))}
      </div>
      <ul className={css.causes}>
        {longest.map(({ words, ms, tone }) => (
          <li key={words}>
            <span className={tone ?? css.wait} aria-hidden />
            <span>{words}</span>
            <Duration seconds={ms / 1_000} />
          </li>
        ))}
      </ul>
    </>
  );
}
