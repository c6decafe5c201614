// Who waits for help, where and since when: nothing where nobody does, and that nobody knows where that is so.
import { useTranslation } from 'react-i18next';
import type { CallFragment } from '../api/generated/andon';
import { JobLink } from '../app/JobLink';
import { Panel } from '../design/Panel';
import { Failure } from '../design/states';
import { Age } from '../design/values';
import css from './andon.module.css';
import { CallActions } from './CallActions';
import { CallState } from './CallState';
import { callsOf, useCalls } from './calls';
import { inOrder, stateOf } from './model';

export default function CallsPanel() {
  const { t } = useTranslation('andon');
  const { data, failure, refetch } = useCalls();
  const calls = inOrder(callsOf(data));
  const more = (data?.andonCalls.totalCount ?? 0) - calls.length;
  return (
    <div id="calls" className={css.panel}>
      {failure !== null && (
        <Panel title={t('title')}>
          <Failure error={failure} retry={() => void refetch()} compact />
        </Panel>
      )}
      {calls.length > 0 && (
        <Panel title={t('title')}>
          <ul className={css.calls}>
            {calls.map((call) => (
              <Call key={call.id} call={call} />
            ))}
          </ul>
          {more > 0 && <p className="muted">{t('more', { count: more })}</p>}
        </Panel>
      )}
    </div>
  );
}

function Call({ call }: { call: CallFragment }) {
  const { t } = useTranslation('andon');
  const { id, job, operation, machine, workCenter, reason, calledAt, calledBy, answeredBy } = call;
  const state = stateOf(call);
  const place = machine ?? workCenter;
  return (
    <li className={css.call} data-call={`${job.code}/${operation}`} data-state={state}>
      <span className={css.where}>
        <strong>{place.name ?? place.code}</strong>
        <span>
          <JobLink number={job.code} /> <span className="muted">{operation}</span>
        </span>
      </span>
      <span className={css.what} dir="auto">
        {reason}
      </span>
      <span className={css.who}>
        <CallState is={state} by={answeredBy?.name} />
        <span className="muted">
          <Age since={calledAt} /> {calledBy.name != null && t('by', { name: calledBy.name })}
        </span>
      </span>
      <CallActions callId={id} jobId={job.id} operation={operation} name={`${job.code} · ${operation}`} isAnswered={state === 'answered'} />
    </li>
  );
}
