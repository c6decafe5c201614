// The optimiser beside the board: begin, watch it get better, take its plan over at any moment, or leave it.
import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import {
  PlanAcceptDocument,
  PlanCancelDocument,
  type PlanningDirection,
  type PlanPreset,
  PlanStartDocument,
} from '../../api/generated/board';
import { Refusal } from '../../api/query';
import form from '../../design/form.module.css';
import { SkeletonRows } from '../../design/states';
import { Duration } from '../../design/values';
import { useFormat } from '../../time/useFormat';
import css from './board.module.css';
import { Why } from './InTheWay';
import { Notice } from './Notice';
import type { Moves } from './useMoves';
import { isAtWork, type RunState, type Worth } from './useRun';

const PRESETS: PlanPreset[] = ['ON_TIME_FIRST', 'FEW_CHANGEOVERS', 'DO_NOT_DISTURB', 'MAKESPAN'];
const SECONDS = [10, 30, 120, 600];
const DIRECTIONS: PlanningDirection[] = ['FORWARD', 'BACKWARD'];

export interface AutoProps {
  run: RunState | undefined;
  worth: Worth[];
  /** There is a run, of which nothing is told yet. */
  isComing: boolean;
  begin: (id: string | undefined) => void;
  /** In which what-if, instead of the plan of the site. */
  scenarioId?: string;
  direction: PlanningDirection;
  turn: (direction: PlanningDirection) => void;
  /** The run that the address names is over, and what it found is gone. */
  isLost: boolean;
  moves: Moves;
  taken: () => void;
}

export function Auto({ run, worth, isComing, begin, scenarioId, direction, turn, isLost, moves, taken }: AutoProps) {
  const { t } = useTranslation('board');
  const [preset, setPreset] = useState<PlanPreset>('ON_TIME_FIRST');
  const [seconds, setSeconds] = useState(30);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const doing = (work: Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    void work.catch(setError).finally(() => setBusy(false));
  };
  // Who goes on looking means what was looked for, also after a reload.
  const wanted = { preset: run?.preset ?? preset, seconds: run?.seconds ?? seconds, direction, scenarioId };
  const start = () => doing(command(PlanStartDocument, wanted).then((answer) => begin(answer.run?.id ?? undefined)));
  const accept = (adjust: boolean) =>
    doing(
      command(PlanAcceptDocument, { runId: run?.id ?? '', adjust }).then((answer) => {
        begin(undefined);
        taken();
        if (scenarioId === undefined) moves.done(answer, t('done.accepted'));
      }),
    );
  const discard = () =>
    doing((isAtWork(run) ? command(PlanCancelDocument, { runId: run?.id ?? '' }) : Promise.resolve()).then(() => begin(undefined)));
  if (run === undefined && isComing) return <SkeletonRows rows={6} />;
  if (run === undefined) {
    return (
      <div className={form.form}>
        <p className="muted">{t('auto.what')}</p>
        {isLost && <Notice>{t('auto.lost')}</Notice>}
        <NativeSelect
          label={t('auto.preset')}
          data={PRESETS.map((value) => ({ value, label: t(`preset.${value}`) }))}
          value={preset}
          onChange={(event) => setPreset(PRESETS.find((one) => one === event.currentTarget.value) ?? 'ON_TIME_FIRST')}
        />
        <NativeSelect
          label={t('auto.seconds')}
          data={SECONDS.map((value) => ({ value: String(value), label: t('auto.forSeconds', { count: value }) }))}
          value={String(seconds)}
          onChange={(event) => setSeconds(Number(event.currentTarget.value))}
        />
        <NativeSelect
          label={t('auto.direction')}
          description={direction === 'BACKWARD' ? t('auto.backwardWhat') : undefined}
          data={DIRECTIONS.map((value) => ({ value, label: t(`direction.${value}`) }))}
          value={direction}
          onChange={(event) => turn(event.currentTarget.value === 'BACKWARD' ? 'BACKWARD' : 'FORWARD')}
        />
        {error !== undefined && <Wrong error={error} />}
        <Button onClick={start} loading={busy}>
          {t('auto.start')}
        </Button>
      </div>
    );
  }
  return (
    <div className={form.form}>
      <Progress run={run} worth={worth} />
      {direction === 'BACKWARD' && isAtWork(run) && <p className="muted">{t('auto.notYetBackward')}</p>}
      {error !== undefined && <Wrong error={error} adjust={() => accept(true)} />}
      <div className={css.stack}>
        <Button onClick={() => accept(false)} disabled={run.objective == null} loading={busy}>
          {t('auto.accept')}
        </Button>
        {!isAtWork(run) && (
          <Button variant="default" onClick={start}>
            {t('auto.again')}
          </Button>
        )}
        <Button variant="subtle" color="gray" onClick={discard}>
          {t('auto.discard')}
        </Button>
      </div>
    </div>
  );
}

function Wrong({ error, adjust }: { error: unknown; adjust?: () => void }) {
  const { t } = useTranslation('board');
  const changed = error instanceof Refusal && error.code === 'PLANNING_SHOP_CHANGED';
  return (
    <div role="alert">
      <Why error={error} />
      {changed && adjust && (
        <Button size="xs" variant="default" onClick={adjust}>
          {t('auto.adjust')}
        </Button>
      )}
    </div>
  );
}

function Progress({ run, worth }: { run: RunState; worth: Worth[] }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const { objective } = run;
  const left = Math.max(0, run.seconds - run.elapsedMs / 1_000);
  return (
    <>
      <div className={css.runHead} role="status">
        <strong>{run.proved ? t('auto.proved') : t(`run.${run.state}`)}</strong>
        {run.state === 'RUNNING' && <span className="muted">{t('auto.left', { time: format.roughly(left) })}</span>}
      </div>
      <progress
        className={css.progress}
        max={run.seconds}
        value={Math.min(run.seconds, run.elapsedMs / 1_000)}
        aria-label={t('auto.progress')}
      />
      <Chart worth={worth} seconds={run.seconds} bound={objective?.bound} />
      {objective && (
        <dl className={css.figures}>
          <dt>{t('kpi.lateJobs')}</dt>
          <dd>{objective.lateJobs}</dd>
          <dt>{t('kpi.unplaced')}</dt>
          <dd>{objective.unplaced}</dd>
          <dt>{t('kpi.setup')}</dt>
          <dd>
            <Duration seconds={objective.setupSeconds} />
          </dd>
          <dt>{t('kpi.moved')}</dt>
          <dd>{objective.moved}</dd>
          <dt>{t('auto.gap')}</dt>
          <dd>{objective.gapPercent == null ? t('detail.unknown') : `${format.amount(objective.gapPercent, 1)} %`}</dd>
        </dl>
      )}
    </>
  );
}

const [WIDE, HIGH] = [288, 96];

/** What the best plan was worth over time, falling to what no plan can be below. */
function Chart({ worth, seconds, bound }: { worth: Worth[]; seconds: number; bound: number | undefined }) {
  const { t } = useTranslation('board');
  const last = worth.at(-1);
  if (last === undefined) return <div className={css.chart} />;
  const scores = worth.map(({ score }) => score);
  const [top, bottom] = [Math.max(...scores), Math.min(...scores, bound !== undefined && bound > 0 ? bound : Number.POSITIVE_INFINITY)];
  const range = top - bottom || 1;
  const x = (ms: number) => Math.min(WIDE, (ms / 1_000 / seconds) * WIDE);
  const y = (score: number) => 6 + (HIGH - 14) * (1 - (score - bottom) / range);
  const steps = worth.map(({ ms, score }, at) => `${at === 0 ? `M${x(ms)},` : `H${x(ms)}V`}${y(score)}`).join('');
  return (
    <svg className={css.chart} viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={t('auto.chart')}>
      {bound !== undefined && bound >= bottom && (
        <line x1={0} x2={WIDE} y1={y(bound)} y2={y(bound)} stroke="var(--k-line-strong)" strokeDasharray="3 3" />
      )}
      <path d={steps} fill="none" stroke="var(--k-accent)" strokeWidth={2} />
      <circle cx={x(last.ms)} cy={y(last.score)} r={3.5} fill="var(--k-accent)" />
    </svg>
  );
}
