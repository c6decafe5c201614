import clsx from 'clsx';
import { Siren } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { stateOf } from '../../andon/model';
import type { CallFragment } from '../../api/generated/andon';
import type { WallMachineFragment } from '../../api/generated/wall';
import { MACHINE_AREAS } from '../../design/Status';
import { useFormat } from '../../time/useFormat';
import { useRealNow } from '../../time/useNow';
import { type nextOf, shownSince, shownStatus } from './model';
import css from './Wall.module.css';

interface TileProps {
  machine: WallMachineFragment;
  /** Where it stands, where that is not said above. */
  area: string | undefined;
  /** The call for help there that has waited longest. */
  call: CallFragment | undefined;
  next: ReturnType<ReturnType<typeof nextOf>['get']>;
  isNextKnown: boolean;
  isStale: boolean;
}

/** One machine: its code, what it is doing for how long, on what, and what comes next; or why it does not work. */
export function Tile({ machine, area, call, next, isNextKnown, isStale }: TileProps) {
  const { t } = useTranslation(['wall', 'design', 'andon']);
  const format = useFormat();
  const now = useRealNow(10_000);
  const status = shownStatus(machine);
  const [look, Icon] = call ? ([stateOf(call), Siren] as const) : MACHINE_AREAS[status];
  const isStopped = call === undefined && (status === 'DOWN' || status === 'MAINTENANCE');
  const [work, ...others] = machine.atWork;
  const since = Math.max(0, now - Date.parse(call?.calledAt ?? shownSince(machine))) / 1_000;
  const when = next && format.when(Date.parse(next.start), now);
  const then = next && (work || isStopped ? t('wall:next', { job: next.job.code, when }) : t('wall:at', { when }));
  return (
    <li
      className={clsx(css.tile, css[look], isStale && css.unknown)}
      data-machine={machine.code}
      data-status={status}
      data-call={call && stateOf(call)}
    >
      <span className={css.top}>
        <b className={css.code}>{machine.code}</b>
        <span className={css.since}>{format.roughly(since)}</span>
      </span>
      <span className={css.state}>
        <Icon aria-hidden />
        <b>{call ? t(stateOf(call) === 'answered' ? 'andon:wallAnswered' : 'andon:wall') : t(`design:machine.${status}`)}</b>
        {area && <span className={css.area}>{area}</span>}
      </span>
      {call ? (
        <span className={css.reason} dir="auto">
          {call.reason}
        </span>
      ) : isStopped ? (
        <span className={css.reason}>{machine.reason ?? t('wall:noReason')}</span>
      ) : (
        <span className={css.job}>
          {work?.job.code ?? next?.job.code ?? '–'}
          {work ? (
            <small>{others.length > 0 ? t('wall:more', { operation: work.operation, count: others.length }) : work.operation}</small>
          ) : (
            next && <small>{t('wall:then')}</small>
          )}
        </span>
      )}
      <span className={css.next}>{then ?? (isNextKnown ? t('wall:nothing') : '')}</span>
    </li>
  );
}
