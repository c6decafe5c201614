// The planning board: what is planned where and when, moved by hand, by the optimiser, or tried as a what-if.

import { ActionIcon } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { BoardUnplannedDocument } from '../../api/generated/board';
import { usePast } from '../../api/moment';
import { ask } from '../../api/query';
import { useMay } from '../../api/session';
import type { Board as Drawn } from '../../board/board';
import { MOST_SEEN } from '../../board/scale';
import { type Bar, DAY, HOUR, keyOf } from '../../board/types';
import { Page } from '../../design/Page';
import { Failure, SkeletonRows } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import { zoneOf } from '../../time/zone';
import { Auto } from './Auto';
import css from './board.module.css';
import { Canvas, modelOf, useLaneWords } from './Canvas';
import { Detail } from './Detail';
import { MoveDialog, PinDialog, RefusedDialog } from './Dialogs';
import type { Planned } from './data';
import { type BoardSearch, board as route } from './route';
import type { BoardStore } from './store';
import { PrintSheet, TableView } from './TableView';
import { Toolbar } from './Toolbar';
import { Tray } from './Tray';
import { asPlanned, takeFromTray, type Unplanned } from './tray-moves';
import { useBoardData, useFollowed, usePlanned, type Window } from './useBoardData';
import { nameOf, useMoves } from './useMoves';
import { useGhosts, useRun } from './useRun';
import { useWhatIf, WhatIfPanel, WhatIfTabs } from './WhatIf';
import { useWords } from './words';

/** What is seen where the address says nothing: from this morning on, three days. */
function useSeen(search: BoardSearch): Window {
  const { manner } = useFormat();
  const today = zoneOf(manner.zone).dayStart(useNow(HOUR));
  const past = usePast();
  const [first] = useState(today);
  // The day of an earlier moment is another one as that moves.
  const start = (past === undefined ? first : today) + 4 * HOUR;
  return useMemo(() => {
    if (search.from === undefined || search.until === undefined) return { from: start, until: start + 3 * DAY };
    const from = Date.parse(search.from);
    return { from, until: Math.min(Date.parse(search.until), from + MOST_SEEN) };
  }, [search.from, search.until, start]);
}

function useSearchState() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/board' });
  const set = useCallback(
    (change: Partial<BoardSearch>) => {
      // Another view is a step that the browser goes back from; where it is looked at is none.
      const isView = 'as' in change || 'by' in change || 'whatIf' in change;
      return void navigate({ search: (before) => ({ ...before, ...change }), replace: !isView });
    },
    [navigate],
  );
  return { search, set };
}

export default function BoardScreen() {
  const { t } = useTranslation('board');
  const { search, set } = useSearchState();
  const seen = useSeen(search);
  const by = search.by === 'operators' ? 'OPERATOR' : 'MACHINE';
  const { store, loaded, error, refetch, after, fromText, untilText } = useBoardData(seen, by, search.center);
  const may = useMay();
  const mayMove = may('PLAN_WORK');
  const queries = useQueryClient();
  const moves = useMoves(store, by);
  const words = useWords(store);
  const laneWords = useLaneWords();
  const holder = useRef<Drawn>(null);
  const planned = usePlanned(store, search.bar);
  const [dialog, setDialog] = useState<{ what: 'move' | 'pin'; planned: Planned }>();
  const [said, setSaid] = useState('');
  const [begun, setBegun] = useState<{ id: string; whatIf: string | undefined }>();
  const followed = useRun(begun?.id);
  // A run is of one plan: of the site's, or of one what-if. Beside another it is nothing that could be taken over.
  const { run, worth } = begun?.whatIf === search.whatIf ? followed : NO_RUN;
  const ghosts = useGhosts(run, by, seen, search.panel === 'auto' || search.whatIf !== undefined);
  const marked = useMarked(search.whatIf);
  const help = useId();
  const unplanned = useQuery({
    queryKey: ['board', 'beside', 'unplanned'],
    queryFn: ({ signal }) => ask(BoardUnplannedDocument, {}, signal),
  });

  const show = useCallback(
    ({ from, until }: Window) => set({ from: new Date(from).toISOString(), until: new Date(until).toISOString() }),
    [set],
  );
  const pinOrNot = (one: Planned) => {
    if (one.pin) void moves.unpin(one);
    else setDialog({ what: 'pin', planned: one });
  };
  const asked = (what: 'move' | 'pin' | 'out' | 'open', bar: Bar) => {
    const one = store.bars.get(bar.key);
    if (one === undefined) return;
    if (what === 'open') set({ bar: bar.key, panel: undefined });
    else if (!mayMove || one.status !== 'WAITING') setSaid(t('spoken.fixed', { what: nameOf(one) }));
    else if (what === 'pin') pinOrNot(one);
    else if (what === 'out') void moves.takeOut(one);
    else setDialog({ what: 'move', planned: one });
  };
  const on = {
    selected: (keys: readonly string[], focused: Bar | undefined) => {
      const one = focused && store.bars.get(focused.key);
      setSaid(keys.length > 1 ? t('spoken.many', { count: keys.length }) : one ? words.bar(one) : '');
      set({ bar: focused?.key, ...(focused && { panel: undefined }) });
    },
    viewed: (from: number, until: number) => show({ from, until }),
    proposed: (proposal: Parameters<typeof words.proposal>[0] | undefined) => setSaid(proposal ? words.proposal(proposal) : ''),
    dropped: (proposal: Parameters<typeof moves.drop>[0]) => void moves.drop(proposal),
    asked,
  };
  const place = (job: Unplanned, operation: Unplanned['operations'][number]) =>
    setDialog({ what: 'move', planned: asPlanned(job, operation) });
  const closeDialog = () => {
    setDialog(undefined);
    // Keys go on where they were.
    requestAnimationFrame(() => holder.current?.host.focus());
  };
  const closeBar = () => {
    set({ bar: undefined });
    holder.current?.select([], undefined);
    holder.current?.host.focus();
  };

  return (
    <Page title={t('title')} fill actions={<WhatIfTabs chosen={search.whatIf} choose={(whatIf) => set({ whatIf })} may={mayMove} />}>
      {loaded && after !== undefined && (
        <Followed key={`${fromText} ${untilText}`} store={store} from={fromText} until={untilText} after={after} />
      )}
      <Toolbar
        search={search}
        window={seen}
        set={set}
        show={show}
        zoom={(factor) => holder.current?.zoom(factor)}
        unplanned={unplanned.data?.unplanned.totalCount}
        mayPlan={mayMove}
      />
      <div className={css.main}>
        <div className={css.stage}>
          {error && !loaded ? (
            <Failure error={error} retry={() => void refetch()} />
          ) : loaded === undefined ? (
            <SkeletonRows rows={10} height={42} />
          ) : search.as === 'table' ? (
            <TableView store={store} window={seen} selected={search.bar} select={(bar) => set({ bar })} />
          ) : (
            <Canvas
              store={store}
              by={by}
              window={seen}
              mayMove={mayMove}
              warn={words.warning}
              on={on}
              ghosts={ghosts}
              marked={marked}
              holder={holder}
              described={help}
            />
          )}
        </div>
        {planned && (
          <Detail
            planned={planned}
            mayMove={mayMove}
            move={() => setDialog({ what: 'move', planned })}
            pin={() => pinOrNot(planned)}
            takeOut={() => void moves.takeOut(planned)}
            close={closeBar}
          />
        )}
        {!planned && search.panel === 'tray' && (
          <Side title={t('tray.title')} close={() => set({ panel: undefined })}>
            <Tray
              mayMove={mayMove}
              center={search.center}
              place={place}
              take={(bar, event) => takeFromTray(holder.current, bar, event.nativeEvent)}
            />
          </Side>
        )}
        {!planned && search.panel !== 'tray' && (search.panel === 'auto' || search.whatIf !== undefined) && (
          <Side
            title={search.whatIf === undefined ? t('auto.title') : t('whatIf.title')}
            close={() => set({ panel: undefined, whatIf: undefined })}
          >
            <Auto
              run={run}
              worth={worth}
              key={search.whatIf ?? 'plan'}
              begin={(id) => setBegun(id === undefined ? undefined : { id, whatIf: search.whatIf })}
              scenarioId={search.whatIf}
              moves={moves}
              taken={() => void queries.invalidateQueries({ queryKey: ['board', 'beside'] })}
            />
            {search.whatIf !== undefined && (
              <WhatIfPanel key={search.whatIf} id={search.whatIf} store={store} moves={moves} close={() => set({ whatIf: undefined })} />
            )}
          </Side>
        )}
      </div>
      <p id={help} className="visually-hidden">
        {t('canvas.keys')}
      </p>
      <div aria-live="assertive" className="visually-hidden" data-spoken>
        {said}
      </div>
      {dialog?.what === 'move' && (
        <MoveDialog
          planned={dialog.planned}
          store={store}
          model={holder.current?.model ?? modelOf(store, by, laneWords)}
          by={by}
          moves={moves}
          words={words}
          close={closeDialog}
        />
      )}
      {dialog?.what === 'pin' && <PinDialog planned={dialog.planned} moves={moves} close={closeDialog} />}
      {moves.refused && <RefusedDialog refused={moves.refused} moves={moves} />}
      <Printed>{() => <PrintSheet store={store} window={seen} />}</Printed>
    </Page>
  );
}

const NO_RUN: ReturnType<typeof useRun> = { run: undefined, worth: [] };

function Followed({ store, from, until, after }: { store: BoardStore; from: string; until: string; after: string }) {
  useFollowed(store, from, until, after);
  return null;
}

function Side({ title, close, children }: { title: string; close: () => void; children: ReactNode }) {
  const { t } = useTranslation('board');
  return (
    <section className={css.side} aria-label={title}>
      <header className={css.sideHead}>
        <h2>{title}</h2>
        <ActionIcon variant="subtle" color="gray" aria-label={t('close')} onClick={close}>
          <X size={16} aria-hidden />
        </ActionIcon>
      </header>
      {children}
    </section>
  );
}

/** Made only when somebody prints. */
function Printed({ children }: { children: () => ReactNode }) {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const begin = () => flushSync(() => setPrinting(true));
    const end = () => setPrinting(false);
    addEventListener('beforeprint', begin);
    addEventListener('afterprint', end);
    return () => {
      removeEventListener('beforeprint', begin);
      removeEventListener('afterprint', end);
    };
  }, []);
  return printing ? children() : null;
}

/** The operations that a what-if has elsewhere. */
function useMarked(whatIf: string | undefined): readonly string[] | undefined {
  const { data } = useWhatIf(whatIf);
  const operations = data?.scenario?.comparison?.operations;
  return useMemo(() => operations?.map(({ job, number }) => keyOf(job.id, number)), [operations]);
}
