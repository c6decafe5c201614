// The way of a new company to its first plan: what it makes and on what, when it works, and the plan.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StartDocument } from '../../api/generated/start';
import { ask } from '../../api/query';
import { useMay } from '../../api/session';
import { Page } from '../../design/Page';
import { Failure, SkeletonRows } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { HoursForm } from './HoursForm';
import css from './start.module.css';

export default function Start() {
  const { t } = useTranslation('start');
  const [may, format] = [useMay(), useFormat()];
  const query = useQuery({ queryKey: ['start'], queryFn: ({ signal }) => ask(StartDocument, {}, signal) });
  if (query.data === undefined) {
    return (
      <Page title={t('title')}>
        {query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : <SkeletonRows rows={9} />}
      </Page>
    );
  }
  const { company, machines, jobs, plan } = query.data;
  const hasShop = machines.totalCount > 0 && jobs.totalCount > 0;
  const counts = { machines: format.amount(machines.totalCount), jobs: format.amount(jobs.totalCount) };
  const hours = company.calendar;
  return (
    <Page title={t('title')}>
      <p className={css.lead}>{t('lead')}</p>
      <ol className={css.steps}>
        <Step at={1} title={t('shop.title')} isDone={hasShop} said={t('shop.has', counts)}>
          <p className="muted">{t('shop.why')}</p>
          {may('MANAGE_JOBS') && (
            <Button component={Link} to="/import" variant={hasShop ? 'default' : 'filled'}>
              {t('shop.import')}
            </Button>
          )}
        </Step>
        <Step at={2} title={t('hours.title')} isDone={hours !== null && hours !== undefined} said={hours?.name ?? ''}>
          <p className="muted">{hours == null ? t('hours.why') : t('hours.change')}</p>
          {hours == null && may('CONFIGURE_COMPANY') && <HoursForm />}
        </Step>
        <Step
          at={3}
          title={t('plan.title')}
          isDone={plan.planned > 0}
          said={t('plan.has', { count: plan.planned, amount: format.amount(plan.planned) })}
        >
          <p className="muted">{hasShop ? t('plan.why') : t('plan.notYet')}</p>
          {hasShop && may('PLAN_WORK') && (
            <Button component={Link} to="/board?panel=auto" variant={hours == null || plan.planned > 0 ? 'default' : 'filled'}>
              {t('plan.go')}
            </Button>
          )}
        </Step>
      </ol>
    </Page>
  );
}

function Step({ at, title, isDone, said, children }: { at: number; title: string; isDone: boolean; said: string; children: ReactNode }) {
  const { t } = useTranslation('start');
  return (
    <li className={css.step} data-done={isDone || undefined}>
      <span className={css.number} aria-hidden>
        {isDone ? <CircleCheck size={22} /> : at}
      </span>
      <div className={css.body}>
        <h2>{title}</h2>
        {isDone && (
          <p className={css.done}>
            <span className="visually-hidden">{t('done')} </span>
            {said}
          </p>
        )}
        {children}
      </div>
    </li>
  );
}
