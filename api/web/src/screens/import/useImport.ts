// The state of an import: the file, what its columns mean, what will come of it, and how far it has got.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ImportKnownDocument } from '../../api/generated/import';
import { ask } from '../../api/query';
import { useSession } from '../../api/session';
import { guessManner, type Manner, type Mapping } from './cells';
import { numbered } from './commands';
import { type Field, guessKind, guessWith, type Kind } from './fields';
import { type Missing, makingOf, outcomeOf } from './plan';
import { type Progress, run } from './run';
import { readTable, type Table } from './table';

export const MOST_BYTES = 20_000_000;

export interface Opened {
  name: string;
  table: Table;
}

export type Stage = { at: 'choosing' } | { at: 'running'; progress?: Progress } | { at: 'over'; progress: Progress; wasStopped: boolean };

function mappingOf(table: Table, kind: Kind): Mapping {
  const fields = guessWith(
    table.columns,
    kind,
    table.rows.slice(0, 100).map(({ cells }) => cells),
  );
  return { kind, fields, manner: guessManner(table, fields) };
}

/** Codes of all work centers that there are. */
async function knownCenters(signal: AbortSignal): Promise<string[]> {
  const codes: string[] = [];
  for (let after: string | null | undefined; ; ) {
    const { workCenters } = await ask(ImportKnownDocument, { after }, signal);
    codes.push(...workCenters.edges.map(({ node }) => node.code));
    if (!workCenters.pageInfo.hasNextPage) return codes;
    after = workCenters.pageInfo.endCursor;
  }
}

export function useImport() {
  const [queries, { viewer, company }] = [useQueryClient(), useSession()];
  const [opened, setOpened] = useState<Opened>();
  const [mapping, setMapping] = useState<Mapping>();
  const [machines, setMachines] = useState<Record<string, number>>({});
  const [stage, setStage] = useState<Stage>({ at: 'choosing' });
  const [error, setError] = useState<unknown>();
  const stopper = useRef<AbortController>(undefined);
  const known = useQuery({ queryKey: ['import', 'centers'], queryFn: ({ signal }) => knownCenters(signal) });

  const outcome = useMemo(() => opened && mapping && outcomeOf(opened.table, mapping, company.zone), [opened, mapping, company.zone]);
  const missing = useMemo((): Missing[] => {
    if (outcome === undefined || known.data === undefined) return [];
    const codes = outcome.centers.filter((code) => !known.data.includes(code));
    return codes.map((code) => ({ code, machines: machines[code] ?? (mapping?.kind === 'machines' ? 0 : 1) }));
  }, [outcome, known.data, machines, mapping?.kind]);

  useEffect(() => () => stopper.current?.abort(), []);

  const open = (name: string, bytes: Uint8Array) => {
    const table = readTable(bytes);
    setOpened({ name, table });
    setMapping(mappingOf(table, guessKind(table.columns)));
    setStage({ at: 'choosing' });
    setError(undefined);
  };

  const start = async () => {
    if (outcome === undefined) return;
    const stop = new AbortController();
    stopper.current = stop;
    setError(undefined);
    setStage({ at: 'running' });
    try {
      const commands = await numbered([...makingOf(missing), ...outcome.commands], viewer.tenantId);
      const progress = await run(commands, { signal: stop.signal, tell: (now) => setStage({ at: 'running', progress: now }) });
      setStage({ at: 'over', progress, wasStopped: stop.signal.aborted });
    } catch (failure) {
      setError(failure);
      setStage({ at: 'choosing' });
    }
    await queries.invalidateQueries();
  };

  return {
    opened,
    mapping,
    outcome,
    missing,
    isKnown: known.data !== undefined,
    stage,
    error,
    open,
    start,
    stop: () => stopper.current?.abort(),
    forget: () => {
      setOpened(undefined);
      setMapping(undefined);
      setStage({ at: 'choosing' });
    },
    setKind: (kind: Kind) => opened && setMapping(mappingOf(opened.table, kind)),
    setMachines: (code: string, count: number) => setMachines((all) => ({ ...all, [code]: count })),
    setManner: (change: Partial<Manner>) => setMapping((now) => now && { ...now, manner: { ...now.manner, ...change } }),
    setField: (at: number, field: Field | undefined) => {
      if (opened === undefined || mapping === undefined) return;
      // A field is one column only.
      const fields = mapping.fields.map((one, place) => (place === at ? field : one === field ? undefined : one));
      const units = guessManner(opened.table, fields).units;
      setMapping({
        ...mapping,
        fields,
        manner: { ...mapping.manner, units: units.map((unit, place) => mapping.manner.units[place] ?? unit) },
      });
    },
  };
}

export type Import = ReturnType<typeof useImport>;
