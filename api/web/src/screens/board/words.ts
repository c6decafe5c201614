// What the board says in words: bars as they are selected, what is in the way of a move.
import { useTranslation } from 'react-i18next';
import type { ClashFragment, NamedFragment } from '../../api/generated/board';
import type { Conflict, Proposal } from '../../board/types';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import type { Planned } from './data';
import type { BoardStore } from './store';
import { named } from './undo';
import { nameOf } from './useMoves';

/** What does not go together, in a sentence. */
export function useClash(): (clash: ClashFragment) => string {
  const { t } = useTranslation('board');
  return (clash) => {
    const other = clash.with ? `${clash.with.job.code} · ${clash.with.number}` : '';
    const who = clash.operator?.name ?? clash.operator?.code ?? '';
    const values = { job: other, machine: clash.machine?.code ?? '', who, tool: clash.tool ?? '' };
    return t(`clash.${clash.kind}`, values);
  };
}

/** What an undo has left where it was; nothing where all went back. */
export function useLeft(): (operations: readonly NamedFragment[]) => string | undefined {
  const { t } = useTranslation('board');
  return (operations) => {
    const { first, more } = named(operations);
    if (first === '') return undefined;
    return t('undo.left', { what: more > 0 ? `${first}, ${t('conflict.more', { count: more })}` : first });
  };
}

export function useWords(store: BoardStore) {
  const { t } = useTranslation('board');
  const { t: design } = useTranslation('design');
  const [format, now] = [useFormat(), useNow(60_000)];

  const conflict = ({ kind, with: key, minutes = 0 }: Conflict): string => {
    const other = key === undefined ? undefined : store.bars.get(key);
    const job = other === undefined ? '' : `${other.job.code} · ${other.operation}`;
    return t(`conflict.${kind}`, { job, time: format.duration(minutes * 60) });
  };
  const conflicts = ({ conflicts: all }: Proposal): string => {
    const said = [...new Set(all.map(conflict))];
    return said.length > 3 ? `${said.slice(0, 2).join(' · ')} · ${t('conflict.more', { count: said.length - 2 })}` : said.join(' · ');
  };
  const laneOf = (id: string): string => {
    const lane = store.lanes.find(({ machine, operator }) => (machine ?? operator)?.id === id);
    return lane?.machine?.code ?? lane?.operator?.name ?? lane?.operator?.code ?? t('lane.elsewhere');
  };
  const place = ({ places }: Proposal): string => {
    const [first] = places;
    return first === undefined ? '' : t('spoken.place', { lane: laneOf(first.lane), when: format.when(first.start, now) });
  };
  const about = (planned: Planned): string[] => {
    const late = planned.late && planned.due ? (Date.parse(planned.end) - Date.parse(planned.due)) / 1_000 : 0;
    const said = [
      planned.machine?.code ?? t('lane.elsewhere'),
      `${format.when(Date.parse(planned.start), now)} – ${format.when(Date.parse(planned.end), now)}`,
      design(`operation.${planned.status}`),
    ];
    if (late > 0) said.push(design('late.by', { time: format.roughly(late) }));
    if (planned.pin) said.push(t('spoken.pinned'));
    return said;
  };
  return {
    laneOf,
    /** Beside what is dragged: where it is, and what is in its way. */
    warning: (proposal: Proposal): string => [place(proposal), conflicts(proposal)].filter((one) => one !== '').join(' · '),
    proposal: (proposal: Proposal): string =>
      proposal.conflicts.length === 0 ? t('spoken.free', { place: place(proposal) }) : `${place(proposal)}. ${conflicts(proposal)}.`,
    /** What a bar is: said where the mouse rests on it. */
    tell: (planned: Planned): readonly [string, string] => [
      planned.job.name ? `${nameOf(planned)}, ${planned.job.name}` : nameOf(planned),
      about(planned).join(' · '),
    ],
    bar: (planned: Planned): string => [nameOf(planned), ...about(planned)].join(', '),
  };
}

export type Words = ReturnType<typeof useWords>;
