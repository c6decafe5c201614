// What one has to know of this tablet before one trusts it. Calm: work goes on.
import { ClockAlert, CloudOff, HardDriveDownload } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { WRONG_MS } from './core/clock';
import css from './terminal.module.css';
import { useHere, useServerNow, useWords } from './useTerminal';

const MINUTE_MS = 60_000;

export function Notices() {
  const { t } = useTranslation('terminal');
  const { link, offset, isKept, status, known, work } = useHere().state;
  const words = useWords();
  const now = useServerNow();
  // What is measured comes a little late: an hour is not said to be 59 minutes.
  const by = words.roughly(Math.round(Math.abs(offset) / MINUTE_MS) * 60);
  return (
    <div role="status" className={css.notices}>
      {link === 'offline' && (
        <Notice icon={<CloudOff aria-hidden />}>
          <strong>{t('offline.title')}</strong>{' '}
          {status === 'unpaired'
            ? t('offline.unpaired')
            : isKept
              ? t('offline.why', { at: known ? words.when(work?.at ?? known.at, now) : '–' })
              : t('offline.whyOpen')}
        </Notice>
      )}
      {Math.abs(offset) > WRONG_MS && (
        <Notice icon={<ClockAlert aria-hidden />}>
          <strong>{offset > 0 ? t('clock.slow', { by }) : t('clock.fast', { by })}</strong> {t('clock.why')}
        </Notice>
      )}
      {!isKept && link !== 'offline' && <Notice icon={<HardDriveDownload aria-hidden />}>{t('notKept')}</Notice>}
    </div>
  );
}

function Notice({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className={css.notice}>
      {icon}
      <span>{children}</span>
    </p>
  );
}
