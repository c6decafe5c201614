// The shop-floor terminal: one question at a time, for hands in gloves. Whose it is, who works at it, what they do next.
import { TabletSmartphone } from 'lucide-react';
import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Skeleton } from '../../design/states';
import { useWakeLock } from '../wall/useAwake';
import { Notices } from './Notices';
import { Pair } from './Pair';
import { Top } from './Top';
import css from './terminal.module.css';
import { useLikes } from './useLikes';
import { useOwnManifest, useOwnWorker } from './useOwnWorker';
import { HereContext, useTheTerminal } from './useTerminal';
import { Who } from './Who';
import { WorkScreen } from './WorkScreen';

export default function TerminalScreen() {
  return (
    <Suspense fallback={<Waiting />}>
      <Here />
    </Suspense>
  );
}

function Here() {
  const { t } = useTranslation('terminal');
  const here = useTheTerminal();
  const { status, visit } = here.state;
  useWakeLock();
  useLikes();
  useOwnWorker(here.terminal);
  useOwnManifest();
  useEffect(() => {
    document.title = `${t('title')} · Kilter`;
  }, [t]);
  if (status === 'starting') return <Waiting />;
  return (
    <HereContext value={here}>
      <div className={css.terminal}>
        <Top />
        <Notices />
        <main id="content" className={css.content}>
          {status === 'unpaired' ? <Pair /> : visit === undefined ? <Who /> : <WorkScreen key={visit.id} visit={visit} />}
        </main>
      </div>
    </HereContext>
  );
}

/** In its final shape, until it is known whose it is. */
function Waiting() {
  const { t } = useTranslation(['terminal', 'design']);
  return (
    <main id="content" className={css.terminal} aria-busy="true">
      <div className={css.top}>
        <TabletSmartphone aria-hidden /> <span>{t('terminal:title')}</span>
      </div>
      <div role="status" className={css.content}>
        <span className="visually-hidden">{t('design:loading')}</span>
        <div className={css.tiles}>
          {[1, 2, 3, 4, 5, 6].map((tile) => (
            <Skeleton key={tile} height={96} />
          ))}
        </div>
      </div>
    </main>
  );
}
