import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { MemberLoginsDocument } from '../../api/generated/members';
import { ask } from '../../api/query';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import css from './members.module.css';

/** Who came in, how, from where; newest first, more when asked for. */
export function Logins() {
  const { t } = useTranslation('members');
  const query = useInfiniteQuery({
    queryKey: ['members', 'logins'],
    queryFn: ({ pageParam, signal }) => ask(MemberLoginsDocument, { after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ logins: { pageInfo } }) => (pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined),
  });
  const rows = query.data?.pages.flatMap(({ logins }) => logins.edges.map(({ node }) => node)) ?? [];
  if (query.data === undefined) {
    return (
      <Panel title={t('logins.title')} flush>
        {query.error ? <Failure error={query.error} retry={() => void query.refetch()} compact /> : <SkeletonRows rows={4} />}
      </Panel>
    );
  }
  return (
    <Panel title={t('logins.title')} flush>
      <Scroll label={t('logins.title')}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('people.name')}</th>
              <th scope="col">{t('logins.when')}</th>
              <th scope="col">{t('logins.how')}</th>
              <th scope="col">{t('logins.device')}</th>
              <th scope="col">{t('logins.address')}</th>
              <th scope="col">{t('logins.ended')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((login) => (
              <tr key={login.id}>
                <th scope="row">{login.memberName ?? t('people.erased')}</th>
                <td>
                  <When at={login.opened} />
                </td>
                <td>
                  {t(`way.${login.way}`)}
                  {login.secondFactor && ` + ${t(`factor.${login.secondFactor}`)}`}
                </td>
                <td>{[login.browser, login.system].filter(Boolean).join(', ') || '–'}</td>
                <td>{login.address ?? '–'}</td>
                <td>
                  {login.ended ? (
                    <>
                      <When at={login.ended} /> {login.endReason && <span className="muted">{t(`end.${login.endReason}`)}</span>}
                    </>
                  ) : (
                    '–'
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {query.hasNextPage && (
        <Button variant="subtle" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t('logins.more')}
        </Button>
      )}
    </Panel>
  );
}
