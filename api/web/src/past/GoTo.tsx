import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../time/useFormat';
import { zoneOf } from '../time/zone';
import css from './Dock.module.css';

/** To an instant by its date and time, as the clock on the wall of the company shows it. */
export function GoTo({ instant, go }: { instant: number; go: (at: number) => void }) {
  const { t } = useTranslation('past');
  const { manner } = useFormat();
  const zone = zoneOf(manner.zone);
  const shown = new Date(zone.wall(instant)).toISOString().slice(0, 19);
  const [typed, setTyped] = useState<string>();
  const leave = () => {
    const at = typed === undefined || typed === '' ? Number.NaN : zone.instant(Date.parse(`${typed}Z`));
    setTyped(undefined);
    if (!Number.isNaN(at) && typed !== shown) go(at);
  };
  return (
    <form
      className={css.goTo}
      onSubmit={(event) => {
        event.preventDefault();
        leave();
      }}
    >
      <input
        type="datetime-local"
        step={1}
        aria-label={t('goTo')}
        value={typed ?? shown}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={leave}
      />
    </form>
  );
}
