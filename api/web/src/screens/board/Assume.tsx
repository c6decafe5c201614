// What a what-if assumes: taken back one by one, and more of it assumed.
import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import {
  type AssumptionInput,
  WhatIfAssumeDocument,
  WhatIfMachinesDocument,
  WhatIfOperatorsDocument,
  WhatIfWithdrawDocument,
} from '../../api/generated/board';
import { answered, intentionOf } from '../../api/intention';
import { ask, Refusal } from '../../api/query';
import { HOUR } from '../../board/types';
import { fromField, toField } from '../../time/field';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import { allPages } from './all-pages';
import css from './board.module.css';
import { Why } from './InTheWay';
import { Notice } from './Notice';
import { useWhatIfAgain, type WhatIf } from './useWhatIf';

/** What can be assumed here, the most usual first. */
const KINDS = ['MACHINE_OUT', 'MACHINE_OPEN', 'OPERATOR_OUT', 'OPERATOR_AT_WORK', 'JOB_DUE', 'JOB_LEFT_OUT'] as const;
type Kind = (typeof KINDS)[number];

const isKind = (text: string): text is Kind => KINDS.some((kind) => kind === text);
const ofMachine = (kind: Kind): boolean => kind === 'MACHINE_OUT' || kind === 'MACHINE_OPEN';
const ofOperator = (kind: Kind): boolean => kind === 'OPERATOR_OUT' || kind === 'OPERATOR_AT_WORK';

export function Assumed({ whatIf: { id: scenarioId, assumptions } }: { whatIf: WhatIf }) {
  const { t } = useTranslation('board');
  const changed = useWhatIfAgain(scenarioId);
  const [format, now] = [useFormat(), useNow(60_000)];
  const [error, setError] = useState<unknown>();
  if (assumptions.length === 0) return <p className="muted">{t('whatIf.nothing')}</p>;
  const at = (instant: string | null | undefined) => (instant ? format.when(Date.parse(instant), now) : '');
  const withdraw = (assumptionId: string) => {
    setError(undefined);
    void command(WhatIfWithdrawDocument, { scenarioId, assumptionId }).then(changed).catch(setError);
  };
  return (
    <>
      <ul className={css.assumed}>
        {assumptions.map(({ id, kind, machine, operator, job, tool, count, from, until, due }) => {
          const said = t(`assumed.${kind}`, {
            what: machine?.code ?? operator?.name ?? operator?.code ?? job?.code ?? tool?.name ?? tool?.code ?? '',
            number: count ?? '',
            from: at(from ?? due),
            until: at(until),
          });
          return (
            <li key={id}>
              <span>{said}</span>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('whatIf.withdraw', { said })} onClick={() => withdraw(id)}>
                <X size={14} aria-hidden />
              </ActionIcon>
            </li>
          );
        })}
      </ul>
      {error !== undefined && <Why error={error} />}
    </>
  );
}

/** The assumption that is typed; nothing as long as something lacks. */
function assumptionOf(kind: Kind, what: string, from: number | undefined, until: number | undefined): AssumptionInput | undefined {
  if (what.trim() === '') return undefined;
  const jobNumber = what.trim();
  if (kind === 'JOB_LEFT_OUT') return { jobLeftOut: { jobNumber } };
  if (from === undefined) return undefined;
  if (kind === 'JOB_DUE') return { jobDue: { jobNumber, due: new Date(from).toISOString() } };
  if (until === undefined) return undefined;
  const time = { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
  if (kind === 'MACHINE_OUT') return { machineOut: { machineId: what, ...time } };
  if (kind === 'MACHINE_OPEN') return { machineOpen: { machineId: what, ...time } };
  return kind === 'OPERATOR_OUT' ? { operatorOut: { operatorId: what, ...time } } : { operatorAtWork: { operatorId: what, ...time } };
}

/** Machines or people to choose from. */
function useChoices(kind: Kind): { value: string; label: string }[] {
  const which = ofMachine(kind) ? 'machines' : 'operators';
  const { data } = useQuery({
    queryKey: ['board', 'choices', which],
    queryFn: ({ signal }) =>
      which === 'machines'
        ? allPages((after) => ask(WhatIfMachinesDocument, { after }, signal).then(({ machines }) => machines))
        : allPages((after) => ask(WhatIfOperatorsDocument, { after }, signal).then(({ operators }) => operators)),
    enabled: ofMachine(kind) || ofOperator(kind),
  });
  return data?.map(({ id, code, name }) => ({ value: id, label: ofMachine(kind) ? code : (name ?? code) })) ?? [];
}

export function Assume({ id }: { id: string }) {
  const { t } = useTranslation('board');
  const changed = useWhatIfAgain(id);
  const { zone } = useFormat().manner;
  const [kind, setKind] = useState<Kind>('MACHINE_OUT');
  const choices = useChoices(kind);
  const [typed, setTyped] = useState('');
  const isChosen = ofMachine(kind) || ofOperator(kind);
  const what = isChosen && !choices.some(({ value }) => value === typed) ? (choices[0]?.value ?? '') : typed;
  const [from, setFrom] = useState(() => toField(Math.ceil(Date.now() / HOUR) * HOUR, zone));
  const [until, setUntil] = useState(() => toField(Math.ceil(Date.now() / HOUR) * HOUR + 24 * HOUR, zone));
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const assumption = assumptionOf(kind, what, fromField(from, zone), fromField(until, zone));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (assumption === undefined || isBusy) return;
    setError(undefined);
    setBusy(true);
    const asked = `assume ${id} ${JSON.stringify(assumption)}`;
    const assumed = command(WhatIfAssumeDocument, { scenarioId: id, assumptionId: intentionOf(asked), assumption });
    void assumed
      .then((done) => {
        answered(asked);
        return changed(done);
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  const type = ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
    setTyped(value);
    setError(undefined);
  };
  const isNoJob = !isChosen && error instanceof Refusal && error.code === 'JOB_NOT_FOUND';
  const whatName = ofMachine(kind) ? t('move.machine') : ofOperator(kind) ? t('move.person') : t('whatIf.job');
  return (
    <form onSubmit={submit} className={css.assume}>
      <NativeSelect
        size="xs"
        label={t('whatIf.what')}
        data={KINDS.map((one) => ({ value: one, label: t(`whatIf.kind.${one}`) }))}
        value={kind}
        onChange={({ currentTarget: { value } }) => {
          if (isKind(value)) setKind(value);
          setTyped('');
          setError(undefined);
        }}
      />
      {isChosen ? (
        <NativeSelect size="xs" label={whatName} data={choices} value={what} onChange={type} />
      ) : (
        <TextInput size="xs" label={whatName} value={typed} onChange={type} required />
      )}
      {kind !== 'JOB_LEFT_OUT' && (
        <TextInput
          size="xs"
          type="datetime-local"
          label={kind === 'JOB_DUE' ? t('detail.due') : t('whatIf.from')}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
          required
        />
      )}
      {isChosen && (
        <TextInput
          size="xs"
          type="datetime-local"
          label={t('whatIf.until')}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
          required
        />
      )}
      {isNoJob ? <Notice>{t('whatIf.noJob', { number: typed.trim() })}</Notice> : error !== undefined && <Why error={error} />}
      <Button type="submit" size="xs" variant="default" loading={isBusy} disabled={assumption === undefined}>
        {t('whatIf.assume')}
      </Button>
    </form>
  );
}
