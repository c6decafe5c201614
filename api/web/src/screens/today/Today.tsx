import { useQuery } from '@tanstack/react-query';
import { CalendarCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { LateJobsDocument } from '../../api/generated/today';
import { ask } from '../../api/query';
import { Page } from '../../design/Page';
import { Panel } from '../../design/Panel';
import { Status } from '../../design/Status';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { Late, When } from '../../design/values';

export default function Today() {
  const { t } = useTranslation('today');
  return (
    <Page title={t('title')}>
      <Panel title={t('late.title')} flush>
        <LateJobs />
      </Panel>
    </Page>
  );
}

function LateJobs() {
  const { t } = useTranslation('today');
  const { data, error, refetch } = useQuery({ queryKey: ['today', 'late'], queryFn: ({ signal }) => ask(LateJobsDocument, {}, signal) });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) return <SkeletonRows />;
  if (data.jobs.edges.length === 0) {
    return (
      <Empty icon={CalendarCheck} title={t('late.none')}>
        {t('late.noneWhy')}
      </Empty>
    );
  }
  return (
    <ul>
      {data.jobs.edges.map(({ node }) => (
        <li key={node.id}>
          {node.number} {node.product} {node.due && <When at={node.due} />} <Late due={node.due} late={node.late} />{' '}
          <Status of="job" is={node.status} />
        </li>
      ))}
    </ul>
  );
}
