// The planning board: what is planned where and when, moved by hand, by the optimiser, or tried as a what-if.

import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/session';
import type { Board as Drawn } from '../../board/board';
import type { Bar, Proposal } from '../../board/types';
import { Page } from '../../design/Page';
import { Failure, SkeletonRows } from '../../design/states';
import { Auto } from './Auto';
import css from './board.module.css';
import { Canvas, modelOf, useLaneWords } from './Canvas';
import { Changes, LastChanges } from './Changes';
import { Detail } from './Detail';
import { MoveDialog, PinDialog, RefusedDialog } from './Dialogs';
import type { Planned } from './data';
import { PrintSheet } from './PrintSheet';
import { Side } from './Side';
import type { BoardStore } from './store';
import { TableView } from './TableView';
import { Toolbar } from './Toolbar';
import { Tray } from './Tray';
import { asPlanned, takeFromTray } from './tray-moves';
import { useBoardData, useFollowed, usePlanned, type Window } from './useBoardData';
import { useBoardKeys } from './useBoardKeys';
import { nameOf, useMoves } from './useMoves';
import { Fallback } from './useReturn';
import { useGhosts, useRun } from './useRun';
import { useSearchState, useSeen } from './useSeen';
import { useSpoken } from './useSpoken';
import { type Unplanned, useUnplannedCount } from './useUnplanned';
import { useMarked } from './useWhatIf';
import { WhatIfPanel } from './WhatIf';
import { WhatIfTabs } from './WhatIfTabs';
import { useWords } from './words';

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
  const [dialog, setDialog] = useState<{ what: 'move' | 'pin'; planned: Planned; isNew?: boolean }>();
  const { place: spoken, speaker } = useSpoken();
  const [isLost, setLost] = useState(false);
  const begin = (run: string | undefined) => {
    setLost(false);
    set({ run, runOf: run === undefined ? undefined : search.whatIf });
  };
  const followed = useRun(mayMove ? search.run : undefined, () => {
    setLost(true);
    set({ run: undefined, runOf: undefined });
  });
  // A run is of one plan: of the site's, or of one what-if. Beside another it is nothing that could be taken over.
  const isOfThis = search.runOf === search.whatIf;
  const { run, worth } = isOfThis ? followed : NO_RUN;
  const ghosts = useGhosts(run, by, seen, search.panel === 'auto' || search.whatIf !== undefined);
  const marked = useMarked(search.whatIf);
  useBoardKeys(search.as !== 'table', mayMove);
  const help = useId();
  const stage = useRef<HTMLDivElement>(null);
  const unplanned = useUnplannedCount();

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
    else if (!mayMove || one.status !== 'WAITING') speaker.say(t('spoken.fixed', { what: nameOf(one) }));
    else if (what === 'pin') pinOrNot(one);
    else if (what === 'out') void moves.takeOut(one);
    else setDialog({ what: 'move', planned: one });
  };
  const on = {
    selected: (keys: readonly string[], focused: Bar | undefined) => {
      const one = focused && store.bars.get(focused.key);
      speaker.say(keys.length > 1 ? t('spoken.many', { count: keys.length }) : one ? words.bar(one) : '');
      set({ bar: focused?.key, ...(focused && { panel: undefined }) });
    },
    viewed: (from: number, until: number) => show({ from, until }),
    // Nothing that React draws changes with each step of a drag: it is said past it.
    proposed: (proposal: Proposal | undefined) => (proposal ? speaker.sayAtRest(() => words.proposal(proposal)) : speaker.say('')),
    dropped: (proposal: Proposal) => void moves.drop(proposal),
    asked,
  };
  // The panel of the bar would hide that of the what-if.
  const showWhatIf = (whatIf: string | undefined) => {
    holder.current?.select([], undefined);
    set({ whatIf, bar: undefined });
  };
  const place = (job: Unplanned, operation: Unplanned['operations'][number]) =>
    setDialog({ what: 'move', planned: asPlanned(job, operation), isNew: true });
  const closeDialog = () => setDialog(undefined);
  const fallback = useCallback(() => holder.current?.host ?? stage.current, []);
  const closeBar = () => {
    set({ bar: undefined });
    holder.current?.select([], undefined);
    holder.current?.host.focus();
  };

  return (
    <Page title={t('title')} fill actions={<WhatIfTabs chosen={search.whatIf} choose={showWhatIf} may={mayMove} />}>
      {loaded && after !== undefined && (
        <Followed key={`${fromText} ${untilText}`} store={store} from={fromText} until={untilText} after={after} />
      )}
      <Toolbar
        search={search}
        window={seen}
        set={set}
        show={show}
        zoom={(factor) => holder.current?.zoom(factor)}
        unplanned={unplanned}
        mayPlan={mayMove}
      />
      <LastChanges show={() => set({ panel: 'changes', bar: undefined })} />
      <div className={css.main}>
        <div className={css.stage} ref={stage} tabIndex={-1}>
          {error && !loaded ? (
            <Failure error={error} retry={() => void refetch()} />
          ) : loaded === undefined ? (
            <SkeletonRows rows={10} height={42} />
          ) : search.as === 'table' ? (
            <TableView store={store} window={seen} selected={search.bar} select={(bar) => set({ bar })} />
          ) : (
            <Canvas
              key={by}
              store={store}
              by={by}
              window={seen}
              mayMove={mayMove}
              warn={words.warning}
              tell={words.tell}
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
        {!planned && search.panel === 'changes' && (
          <Side title={t('changes.title')} close={() => set({ panel: undefined })}>
            <Changes moves={moves} mayMove={mayMove} />
          </Side>
        )}
        {!planned && search.panel !== 'tray' && search.panel !== 'changes' && (search.panel === 'auto' || search.whatIf !== undefined) && (
          <Side
            title={search.whatIf === undefined ? t('auto.title') : t('whatIf.title')}
            close={() => set({ panel: undefined, whatIf: undefined })}
          >
            <Auto
              run={run}
              worth={worth}
              isComing={isOfThis && mayMove && search.run !== undefined}
              key={search.whatIf ?? 'plan'}
              begin={begin}
              scenarioId={search.whatIf}
              direction={search.direction === 'backward' ? 'BACKWARD' : 'FORWARD'}
              turn={(direction) => set({ direction: direction === 'BACKWARD' ? 'backward' : undefined })}
              isLost={isLost}
              moves={moves}
              taken={() => void queries.invalidateQueries({ queryKey: ['board', 'beside'] })}
            />
            {search.whatIf !== undefined && (
              <WhatIfPanel key={search.whatIf} id={search.whatIf} moves={moves} close={() => set({ whatIf: undefined })} />
            )}
          </Side>
        )}
      </div>
      <p id={help} className="visually-hidden">
        {t('canvas.keys')}
      </p>
      <div ref={spoken} aria-live="polite" className="visually-hidden" data-spoken />
      <Fallback value={fallback}>
        {dialog?.what === 'move' && (
          <MoveDialog
            planned={dialog.planned}
            isNew={dialog.isNew === true}
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
      </Fallback>
      <PrintSheet store={store} window={seen} />
    </Page>
  );
}

const NO_RUN: ReturnType<typeof useRun> = { run: undefined, worth: [] };

function Followed({ store, from, until, after }: { store: BoardStore; from: string; until: string; after: string }) {
  useFollowed(store, from, until, after);
  return null;
}
