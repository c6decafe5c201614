// What is always to be seen: where this is, what time it is, whether it is connected, and how to hand it back.
import clsx from 'clsx';
import { CloudOff, CloudUpload, LogOut, Wifi } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isWaiting } from './core/entry';
import css from './terminal.module.css';
import { useHere, useServerNow, useWords } from './useTerminal';

export function Top() {
  const { t } = useTranslation('terminal');
  const { terminal, state } = useHere();
  const words = useWords();
  const now = useServerNow();
  const { known, visit } = state;
  return (
    <header className={css.top}>
      <p className={css.place}>
        <strong>{known?.name ?? t('title')}</strong>
        {known?.company && <span>{known.company}</span>}
      </p>
      <Link />
      <time className={css.clock} dateTime={new Date(now).toISOString()}>
        {words.timeOfDay(now)}
      </time>
      {visit && (
        <button type="button" className={css.leave} onClick={() => void terminal.leave()}>
          <LogOut aria-hidden /> {t('leave')}
        </button>
      )}
    </header>
  );
}

function Link() {
  const { t } = useTranslation('terminal');
  const { link, entries, status } = useHere().state;
  const count = entries.filter((entry) => isWaiting(entry) && entry.held === undefined).length;
  const isOff = link === 'offline';
  const Icon = isOff ? CloudOff : count > 0 ? CloudUpload : Wifi;
  // Who is nobody's tablet sends nothing.
  const sends = t(status === 'unpaired' ? 'who.kept' : 'link.sending', { count });
  const said = isOff ? (count > 0 ? t('link.kept', { count }) : t('link.off')) : count > 0 ? sends : t('link.on');
  return (
    <p className={clsx(css.link, isOff && css.off)} role="status">
      <Icon aria-hidden /> {link === 'unknown' ? t('link.asking') : said}
    </p>
  );
}
