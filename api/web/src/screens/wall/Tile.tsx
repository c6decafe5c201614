import clsx from 'clsx';
import { useTranslation } from 'react-i18next';
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
  next: ReturnType<ReturnType<typeof nextOf>['get']>;
  isNextKnown: boolean;
  isStale: boolean;
}

/** One machine: its code, what it is doing for how long, on what, and what comes next; or why it does not work. */
export function Tile({ machine, area, next, isNextKnown, isStale }: TileProps) {
  const { t } = useTranslation(['wall', 'design']);
  const format = useFormat();
  const now = useRealNow(10_000);
  const status = shownStatus(machine);
  const [look, Icon] = MACHINE_AREAS[status];
  const isStopped = status === 'DOWN' || status === 'MAINTENANCE';
  const [work, ...others] = machine.atWork;
  const since = Math.max(0, now - Date.parse(shownSince(machine))) / 1_000;
  const when = next && format.when(Date.parse(next.start), now);
  const then = next && (work || isStopped ? t('wall:next', { job: next.job.code, when }) : t('wall:at', { when }));
  return (
    <li className={clsx(css.tile, css[look], isStale && css.unknown)} data-machine={machine.code} data-status={status}>
      <span className={css.top}>
        <b className={css.code}>{machine.code}</b>
        <span className={css.since}>{format.roughly(since)}</span>
      </span>
      <span className={css.state}>
        <Icon aria-hidden />
        <b>{t(`design:machine.${status}`)}</b>
        {area && <span className={css.area}>{area}</span>}
      </span>
      {isStopped ? (
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
