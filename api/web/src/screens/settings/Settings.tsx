// One's own account first, then what is the company's.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SettingsDocument } from '../../api/generated/settings';
import { ask } from '../../api/query';
import { Page } from '../../design/Page';
import { Failure, SkeletonRows } from '../../design/states';
import { Account } from './Account';
import { CompanyPart, PlanningPart, SecurityPart } from './Company';
import css from './settings.module.css';

export default function Settings() {
  const { t } = useTranslation('settings');
  const query = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => ask(SettingsDocument, {}, signal),
    refetchOnWindowFocus: false,
  });
  return (
    <Page title={t('title')}>
      <div className={css.screen}>
        <section className={css.column} aria-labelledby="own">
          <h2 id="own" className={css.heading}>
            {t('own')}
          </h2>
          <Account />
        </section>
        <section className={css.column} aria-labelledby="company">
          <h2 id="company" className={css.heading}>
            {t('company.heading')}
          </h2>
          {query.data === undefined ? (
            query.error ? (
              <Failure error={query.error} retry={() => void query.refetch()} />
            ) : (
              <SkeletonRows rows={12} />
            )
          ) : (
            <>
              <CompanyPart company={query.data.company} />
              <PlanningPart plan={query.data.plan} company={query.data.company} />
              <SecurityPart company={query.data.company} />
            </>
          )}
        </section>
      </div>
    </Page>
  );
}
