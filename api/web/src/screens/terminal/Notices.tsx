// What one has to know of this tablet before one trusts it. Calm: work goes on.
import { ClockAlert, CloudOff, HardDriveDownload } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { WRONG_MS } from './core/clock';
import css from './terminal.module.css';
import { useHere, useWords } from './useTerminal';

export function Notices() {
  const { t } = useTranslation('terminal');
  const { link, offset, isKept, status, known, work } = useHere().state;
  const words = useWords();
  const by = words.roughly(Math.abs(offset) / 1_000);
  return (
    <div role="status" className={css.notices}>
      {link === 'offline' && (
        <Notice icon={<CloudOff aria-hidden />}>
          <strong>{t('offline.title')}</strong>{' '}
          {status === 'unpaired'
            ? t('offline.unpaired')
            : isKept
              ? t('offline.why', { at: known ? words.timeOfDay(work?.at ?? known.at) : '–' })
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
