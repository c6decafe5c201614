// How old the data is: always to be seen, and said aloud when it has become old.
import { Radio, Unplug, WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { heardAt, useFreshness } from '../api/freshness';
import { Mark } from '../design/Mark';
import { useFormat } from '../time/useFormat';
import { useRealNow } from '../time/useNow';
import css from './Freshness.module.css';

function useHeard(): string | undefined {
  const [format, now, heard] = [useFormat(), useRealNow(), heardAt()];
  return heard === undefined ? undefined : format.roughly(Math.max(0, now - heard) / 1_000);
}

export function FreshnessMark() {
  const { t } = useTranslation('app');
  const [state, age] = [useFreshness(), useHeard()];
  if (state === 'starting') return null;
  if (state === 'live') {
    return (
      <Mark tone="quiet" icon={Radio} title={t('fresh.liveWhy')}>
        {t('fresh.live')}
      </Mark>
    );
  }
  return (
    <Mark tone="risk" icon={state === 'offline' ? WifiOff : Unplug}>
      {age === undefined ? t('fresh.offline') : t('fresh.old', { age })}
    </Mark>
  );
}

/** Says it where nobody overlooks it. */
export function StaleBanner() {
  const { t } = useTranslation('app');
  const state = useFreshness();
  const format = useFormat();
  const heard = heardAt();
  const shown = state === 'stale' || state === 'offline';
  return (
    <div role="status" className={shown ? css.banner : undefined}>
      {shown && (
        <>
          <strong>{t(state === 'offline' ? 'fresh.offlineTitle' : 'fresh.staleTitle')}</strong>{' '}
          {heard !== undefined && t('fresh.asOf', { time: format.when(heard, Date.now()) })}
        </>
      )}
    </div>
  );
}
