import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Factory } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { usePast } from '../../api/moment';
import { useMay } from '../../api/session';
import { Page } from '../../design/Page';
import { Empty } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { useNow } from '../../time/useNow';
import { useFloor, useJobs, usePlan, useTotals, useWindow } from './data';
import { LatePanel } from './Late';
import { LoadPanel } from './Loads';
import { BusyPanel, StoppedPanel } from './Machines';
import { isEmpty } from './model';
import { Tiles } from './Tiles';
import css from './Today.module.css';

const CallsPanel = lazy(() => import('../../andon/CallsPanel'));

/** What matters now: what is late first, then what stands in its way. */
export default function Today() {
  const { t } = useTranslation('today');
  const [format, now, past] = [useFormat(), useNow(60_000), usePast()];
  const window = useWindow();
  const [jobs, floor, plan, totals] = [useJobs(), useFloor(), usePlan(window), useTotals(window)];
  const day = new Intl.DateTimeFormat(format.manner.locale, {
    timeZone: format.manner.zone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });
  // What was is shown as it was: there is nothing to begin there.
  if (past === undefined && isEmpty(jobs.data, floor.data)) return <Nothing />;
  return (
    <Page title={t('title')} actions={<span className="muted">{day.format(now)}</span>}>
      <div className={css.screen}>
        <Suspense>
          <CallsPanel />
        </Suspense>
        <Tiles jobs={jobs.data} floor={floor.data} plan={plan.data} totals={totals.data} now={now} />
        <div className={css.columns}>
          <div className={css.column}>
            <LatePanel jobs={jobs} plan={plan} now={now} />
            <BusyPanel floor={floor} />
          </div>
          <div className={css.column}>
            <LoadPanel plan={plan} floor={floor.data} day={format.localDay(window.from)} />
            <StoppedPanel floor={floor} />
          </div>
        </div>
      </div>
    </Page>
  );
}

/** A company without jobs and machines: where it begins. */
function Nothing() {
  const { t } = useTranslation('today');
  const may = useMay();
  return (
    <Page title={t('title')}>
      <Empty
        icon={Factory}
        title={t('empty.title')}
        action={
          (may('MANAGE_JOBS') || may('CONFIGURE_COMPANY')) && (
            <Button component={Link} to="/start">
              {t('empty.start')}
            </Button>
          )
        }
      >
        {t('empty.why')}
      </Empty>
    </Page>
  );
}
