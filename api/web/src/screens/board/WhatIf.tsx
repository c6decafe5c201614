// A what-if beside the plan of the site: what it assumes, what it is worth, and what publishing would do.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import { WhatIfAssumeDocument, WhatIfDiscardDocument, WhatIfPublishDocument } from '../../api/generated/board';
import { Refusal } from '../../api/query';
import { HOUR } from '../../board/types';
import form from '../../design/form.module.css';
import { Failure, SkeletonRows } from '../../design/states';
import { fromField, toField } from '../../time/field';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import css from './board.module.css';
import { Why } from './InTheWay';
import { Notice } from './Notice';
import type { BoardStore } from './store';
import type { Moves } from './useMoves';
import { type Comparison, useWhatIf, WHAT_IFS, type WhatIf } from './useWhatIf';
import { Compared } from './WhatIfCompared';

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
      {assumptions.map(({ id, kind, machine, operator, job, tool, count, from, until, due }) => (
        <li key={id}>
          {t(`assumed.${kind}`, {
            what: machine?.code ?? operator?.name ?? operator?.code ?? job?.code ?? tool?.name ?? tool?.code ?? '',
            number: count ?? '',
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

function Publish({ id, comparison, moves, close }: { id: string; comparison: Comparison; moves: Moves; close: () => void }) {
  const { t } = useTranslation('board');
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const outdated = error instanceof Refusal && error.code === 'SCENARIO_OUTDATED';
  const over = () => {
    void queries.invalidateQueries({ queryKey: WHAT_IFS });
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
