// The state of an import: the file, what its columns mean, what will come of it, and how far it has got.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ImportKnownDocument } from '../../api/generated/import';
import { ask } from '../../api/query';
import { useSession } from '../../api/session';
import { guessManner, type Manner, type Mapping } from './cells';
import { type Field, guessKind, guessWith, type Kind } from './fields';
import type { Missing } from './plan';
import { Reader } from './reader';
import type { Summary } from './reading';
import { type Progress, run } from './run';
import type { Table } from './table';

export interface Opened {
  name: string;
  /** Its beginning, as soon as it is read. */
  head?: Table;
}

export type Stage = { at: 'choosing' } | { at: 'running'; progress?: Progress } | { at: 'over'; progress: Progress; wasStopped: boolean };

/** What a file comes to, and what its columns meant for that. */
interface Checked {
  mapping: Mapping;
  summary: Summary;
}

/** What the columns of a file mean, by its head. */
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
  const [checked, setChecked] = useState<Checked>();
  const [machines, setMachines] = useState<Record<string, number>>({});
  const [stage, setStage] = useState<Stage>({ at: 'choosing' });
  const [error, setError] = useState<unknown>();
  const stopper = useRef<AbortController>(undefined);
  const reader = useRef<Reader>(undefined);
  const known = useQuery({ queryKey: ['import', 'centers'], queryFn: ({ signal }) => knownCenters(signal) });

  useEffect(() => {
    if (reader.current === undefined || mapping === undefined) return;
    let isWanted = true;
    const tell = (change: () => void) => isWanted && change();
    reader.current.summary(mapping, company.zone).then(
      (summary) => tell(() => setChecked({ mapping, summary })),
      (failure: unknown) => tell(() => setError(failure)),
    );
    return () => {
      isWanted = false;
    };
  }, [mapping, company.zone]);
  useEffect(
    () => () => {
      stopper.current?.abort();
      reader.current?.close();
    },
    [],
  );

  const summary = checked?.summary;
  const missing = useMemo((): Missing[] => {
    if (summary === undefined || known.data === undefined) return [];
    const codes = summary.centers.filter((code) => !known.data.includes(code));
    return codes.map((code) => ({ code, machines: machines[code] ?? (mapping?.kind === 'machines' ? 0 : 1) }));
  }, [summary, known.data, machines, mapping?.kind]);

  const forget = () => {
    reader.current?.close();
    reader.current = undefined;
    setOpened(undefined);
    setMapping(undefined);
    setChecked(undefined);
    setError(undefined);
    setStage({ at: 'choosing' });
  };

  const open = async (file: File) => {
    forget();
    reader.current = new Reader();
    setOpened({ name: file.name });
    try {
      // A reader that was closed meanwhile says nothing more.
      const head = await reader.current.open(file);
      setOpened({ name: file.name, head });
      setMapping(mappingOf(head, guessKind(head.columns)));
    } catch (failure) {
      forget();
      setError(failure);
    }
  };

  const start = async () => {
    if (reader.current === undefined || summary === undefined) return;
    const stop = new AbortController();
    stopper.current = stop;
    setError(undefined);
    setStage({ at: 'running' });
    try {
      const asked = await reader.current.begin(missing, viewer.tenantId);
      const progress = await run(asked, { signal: stop.signal, tell: (now) => setStage({ at: 'running', progress: now }) });
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
    summary,
    missing,
    isReading: opened !== undefined && summary === undefined && error === undefined,
    /** What is shown is of what the columns mean now, and it is known what is missing for it. */
    isChecked: known.data !== undefined && checked?.mapping === mapping,
    stage,
    error,
    open,
    start,
    stop: () => stopper.current?.abort(),
    forget,
    setKind: (kind: Kind) => opened?.head && setMapping(mappingOf(opened.head, kind)),
    setMachines: (code: string, count: number) => setMachines((all) => ({ ...all, [code]: count })),
    setManner: (change: Partial<Manner>) => setMapping((now) => now && { ...now, manner: { ...now.manner, ...change } }),
    setField: (at: number, field: Field | undefined) => {
      if (opened?.head === undefined || mapping === undefined) return;
      // A field is one column only.
      const fields = mapping.fields.map((one, place) => (place === at ? field : one === field ? undefined : one));
      const units = guessManner(opened.head, fields).units;
      setMapping({
        ...mapping,
        fields,
        manner: { ...mapping.manner, units: units.map((unit, place) => mapping.manner.units[place] ?? unit) },
      });
    },
  };
}

export type Import = ReturnType<typeof useImport>;
