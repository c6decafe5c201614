// A what-if beside the plan of the site: what it assumes, what it is worth, which jobs end at another time, and what publishing would do.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import {
  WhatIfAssumeDocument,
  WhatIfDiscardDocument,
  WhatIfDocument,
  WhatIfOpenDocument,
  WhatIfPublishDocument,
  type WhatIfQuery,
  WhatIfsDocument,
} from '../../api/generated/board';
import { ask, Refusal } from '../../api/query';
import { HOUR } from '../../board/types';
import form from '../../design/form.module.css';
import { Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import { fromField, toField } from '../../time/field';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './board.module.css';
import { Why } from './InTheWay';
import { Notice } from './Notice';
import type { BoardStore } from './store';
import type { Moves } from './useMoves';
import { useClash } from './words';

type WhatIf = NonNullable<WhatIfQuery['scenario']>;
type Comparison = NonNullable<WhatIf['comparison']>;
const LIST = ['board', 'what-ifs'];

export function useWhatIf(id: string | undefined) {
  return useQuery({
    queryKey: ['board', 'beside', 'what-if', id],
    queryFn: ({ signal }) => ask(WhatIfDocument, { id: id ?? '' }, signal),
    enabled: id !== undefined,
  });
}

/** The plan of the site, and a tab for each what-if that people work on. */
export function WhatIfTabs({
  chosen,
  choose,
  may,
}: {
  chosen: string | undefined;
  choose: (id: string | undefined) => void;
  may: boolean;
}) {
  const { t } = useTranslation('board');
  const queries = useQueryClient();
  const format = useFormat();
  const { data } = useQuery({ queryKey: LIST, queryFn: ({ signal }) => ask(WhatIfsDocument, {}, signal) });
  const [error, setError] = useState<unknown>();
  const open = async () => {
    setError(undefined);
    try {
      const { scenario } = await command(WhatIfOpenDocument, { name: t('whatIf.newName', { when: format.timeOfDay(Date.now()) }) });
      await queries.invalidateQueries({ queryKey: LIST });
      choose(scenario?.id);
    } catch (wrong) {
      setError(wrong);
    }
  };
  const tabs = data?.scenarios.edges.map(({ node }) => node) ?? [];
  if (!may && tabs.length === 0) return null;
  return (
    <nav className={css.tabs} aria-label={t('whatIf.tabs')}>
      <button type="button" aria-current={chosen === undefined} onClick={() => choose(undefined)}>
        {t('whatIf.plan')}
      </button>
      {tabs.map(({ id, name }) => (
        <button type="button" key={id} aria-current={chosen === id} onClick={() => choose(id)}>
          {name}
        </button>
      ))}
      {may && (
        <button type="button" onClick={() => void open()}>
          <Plus size={14} aria-hidden /> {t('whatIf.new')}
        </button>
      )}
      {error !== undefined && <Why error={error} />}
    </nav>
  );
}

export interface WhatIfProps {
  id: string;
  store: BoardStore;
  moves: Moves;
  close: () => void;
}

export function WhatIfPanel({ id, store, moves, close }: WhatIfProps) {
  const { t } = useTranslation('board');
  const { data, error, refetch } = useWhatIf(id);
  if (error) return <Failure compact error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  if (!data.scenario?.comparison) return <Notice>{t('whatIf.gone')}</Notice>;
  const { scenario } = data;
  return (
    <div className={form.form}>
      <Assumed whatIf={scenario} />
      <AssumeOut id={id} store={store} changed={() => void refetch()} />
      <Compared comparison={data.scenario.comparison} />
      <Publish id={id} comparison={data.scenario.comparison} moves={moves} close={close} />
    </div>
  );
}

function Assumed({ whatIf: { assumptions } }: { whatIf: WhatIf }) {
  const { t } = useTranslation('board');
  const [format, now] = [useFormat(), useNow(60_000)];
  if (assumptions.length === 0) return <p className="muted">{t('whatIf.nothing')}</p>;
  const at = (instant: string | null | undefined) => (instant ? format.when(Date.parse(instant), now) : '');
  return (
    <ul className={css.causes}>
      {assumptions.map(({ id, kind, machine, operator, job, from, until, due }) => (
        <li key={id}>
          {t(`assumed.${kind}`, {
            what: machine?.code ?? operator?.name ?? operator?.code ?? job?.code ?? '',
            from: at(from ?? due),
            until: at(until),
          })}
        </li>
      ))}
    </ul>
  );
}

function AssumeOut({ id, store, changed }: { id: string; store: BoardStore; changed: () => void }) {
  const { t } = useTranslation('board');
  const { zone } = useFormat().manner;
  const machines = store.lanes.flatMap(({ machine }) => (machine ? [{ value: machine.id, label: machine.code }] : []));
  const [machine, setMachine] = useState(machines[0]?.value ?? '');
  const [from, setFrom] = useState(() => toField(Math.ceil(Date.now() / HOUR) * HOUR, zone));
  const [until, setUntil] = useState(() => toField(Math.ceil(Date.now() / HOUR) * HOUR + 24 * HOUR, zone));
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [begin, end] = [fromField(from, zone), fromField(until, zone)];
    if (begin === undefined || end === undefined || isBusy) return;
    setError(undefined);
    setBusy(true);
    const time = { from: new Date(begin).toISOString(), until: new Date(end).toISOString() };
    const assumption = { machineOut: { machineId: machine, ...time } };
    const assumed = command(WhatIfAssumeDocument, { scenarioId: id, assumptionId: crypto.randomUUID(), assumption });
    void assumed.then(changed, setError).finally(() => setBusy(false));
  };
  if (machines.length === 0) return null;
  return (
    <form onSubmit={submit} className={css.assume}>
      <NativeSelect
        size="xs"
        label={t('whatIf.out')}
        data={machines}
        value={machine}
        onChange={(event) => setMachine(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label={t('whatIf.from')}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
        required
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label={t('whatIf.until')}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        required
      />
      {error !== undefined && <Why error={error} />}
      <Button type="submit" size="xs" variant="default" loading={isBusy}>
        {t('whatIf.assume')}
      </Button>
    </form>
  );
}

const LESS_IS_BETTER = ['lateJobs', 'unplaced', 'setupSeconds', 'weightedTardiness', 'flowSeconds'] as const;

function Compared({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const clashIn = useClash();
  const written = (name: string, value: number) => (name.endsWith('Seconds') ? format.duration(value) : format.amount(value, 0));
  const clashes = [
    ...new Set(comparison.conflicts.map((clash) => `${clash.operation.job.code} · ${clash.operation.number}: ${clashIn(clash)}`)),
  ];
  return (
    <>
      <table className={css.facts}>
        <thead>
          <tr>
            <th>
              <span className="visually-hidden">{t('detail.fact')}</span>
            </th>
            <th scope="col">{t('whatIf.plan')}</th>
            <th scope="col">{t('whatIf.this')}</th>
          </tr>
        </thead>
        <tbody>
          {LESS_IS_BETTER.map((name) => {
            const [plan, other] = [comparison.plan[name], comparison.scenario[name]];
            return (
              <tr key={name}>
                <th scope="row">{t(`worth.${name}`)}</th>
                <td>{written(name, plan)}</td>
                <td className={other < plan ? css.better : other > plan ? css.worse : undefined}>
                  {other < plan ? '▼ ' : other > plan ? '▲ ' : ''}
                  {written(name, other)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <h3 className={css.sub}>{t('whatIf.jobs', { count: comparison.changedJobs })}</h3>
      <ul className={css.deltas}>
        {comparison.jobs.slice(0, 50).map(({ job, plan, scenario }) => (
          <Delta key={job.id} code={job.code} plan={plan} scenario={scenario} />
        ))}
      </ul>
      {clashes.length > 0 && (
        <>
          <h3 className={css.sub}>{t('whatIf.conflicts', { count: clashes.length })}</h3>
          <ul className={css.clashes}>
            {clashes.slice(0, 10).map((clash) => (
              <li key={clash}>{clash}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Delta({ code, plan, scenario }: { code: string; plan?: string | null; scenario?: string | null }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const by = plan && scenario ? (Date.parse(scenario) - Date.parse(plan)) / 1_000 : undefined;
  const words =
    by === undefined ? t('whatIf.noEnd') : t(by < 0 ? 'whatIf.earlier' : 'whatIf.later', { time: format.roughly(Math.abs(by)) });
  return (
    <li>
      <strong>{code}</strong>
      <span className={by === undefined || by > 0 ? css.worse : css.better}>{words}</span>
      {scenario && <When at={scenario} />}
    </li>
  );
}

function Publish({ id, comparison, moves, close }: { id: string; comparison: Comparison; moves: Moves; close: () => void }) {
  const { t } = useTranslation('board');
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const outdated = error instanceof Refusal && error.code === 'SCENARIO_OUTDATED';
  const over = () => {
    void queries.invalidateQueries({ queryKey: LIST });
    close();
  };
  const [isBusy, setBusy] = useState(false);
  const [isSure, setSure] = useState(false);
  const doing = (work: Promise<unknown>) => {
    setError(undefined);
    setBusy(true);
    void work.catch(setError).finally(() => setBusy(false));
  };
  const publish = (partly: boolean) =>
    doing(
      command(WhatIfPublishDocument, { scenarioId: id, partly }).then((answer) => {
        over();
        moves.done(answer, t('done.published'));
      }),
    );
  // Nothing brings it back, so it takes two presses.
  const discard = () => (isSure ? doing(command(WhatIfDiscardDocument, { scenarioId: id }).then(over)) : setSure(true));
  return (
    <div className={css.stack}>
      {error !== undefined && <Why error={error} />}
      {outdated && error.inTheWay === undefined && comparison.outdated.length > 0 && (
        <p className="muted">{comparison.outdated.map(({ job, number }) => `${job.code} · ${number}`).join(', ')}</p>
      )}
      <Button onClick={() => publish(false)} disabled={comparison.movedOperations === 0 || isBusy}>
        {t('whatIf.publish', { count: comparison.movedOperations })}
      </Button>
      {outdated && (
        <Button variant="default" onClick={() => publish(true)} disabled={isBusy}>
          {t('whatIf.partly')}
        </Button>
      )}
      <Button variant="subtle" color={isSure ? 'red' : 'gray'} onClick={discard} onBlur={() => setSure(false)} disabled={isBusy}>
        {t(isSure ? 'whatIf.discardSure' : 'whatIf.discard')}
      </Button>
    </div>
  );
}
