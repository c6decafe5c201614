import type { UseQueryResult } from '@tanstack/react-query';
import { CircleCheck, CirclePause } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { TodayFloorQuery, TodayMachineFragment } from '../../api/generated/today';
import { JobLink } from '../../app/JobLink';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { Status } from '../../design/Status';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { Age } from '../../design/values';
import { beside, machinesBy } from './model';
import css from './Today.module.css';

type Floor = UseQueryResult<TodayFloorQuery>;

function Machines({ floor, children }: { floor: Floor; children: (machines: ReturnType<typeof machinesBy>) => React.ReactNode }) {
  if (floor.data === undefined) {
    return floor.error ? <Failure error={floor.error} retry={() => void floor.refetch()} compact /> : <SkeletonRows rows={5} />;
  }
  return children(machinesBy(floor.data.machines.edges.map(({ node }) => node)));
}

/** What runs, who is at it, and since when. */
export function BusyPanel({ floor }: { floor: Floor }) {
  const { t } = useTranslation('today');
  return (
    <div id="busy" className={css.wide}>
      <Panel title={t('busy.title')} flush>
        <Machines floor={floor}>
          {({ busy }) => (busy.length === 0 ? <NoneBusy floor={floor.data} /> : <Busy machines={busy} floor={floor.data} />)}
        </Machines>
      </Panel>
    </div>
  );
}

/** No machine runs: what somebody is at work on nevertheless is not kept back. */
function NoneBusy({ floor }: { floor: TodayFloorQuery | undefined }) {
  const { t } = useTranslation('today');
  const { stands, withoutMachine } = floor ? beside(floor) : { stands: 0, withoutMachine: 0 };
  const also = [
    ...(withoutMachine > 0 ? [t('busy.withoutMachine', { count: withoutMachine })] : []),
    ...(stands > 0 ? [t('busy.stands', { count: stands })] : []),
  ];
  return (
    <Empty icon={CirclePause} title={t(withoutMachine > 0 ? 'busy.noMachine' : 'busy.none')}>
      {also.length > 0 ? also.join(' ') : t('busy.noneWhy')}
    </Empty>
  );
}

function Busy({ machines, floor }: { machines: TodayMachineFragment[]; floor: TodayFloorQuery | undefined }) {
  const { t } = useTranslation('today');
  const { withoutMachine } = floor ? beside(floor) : { withoutMachine: 0 };
  return (
    <Scroll label={t('busy.title')}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('column.machine')}</th>
            <th scope="col">{t('column.status')}</th>
            <th scope="col">{t('column.job')}</th>
            <th scope="col">{t('column.operator')}</th>
            <th scope="col" className="number">
              {t('column.since')}
            </th>
          </tr>
        </thead>
        <tbody>
          {machines.map((machine) => {
            const [work] = machine.atWork;
            return (
              <tr key={machine.id}>
                <th scope="row" className={css.product}>
                  {machine.code} <span className="muted">{machine.name}</span>
                </th>
                <td>
                  <Status of="machine" is={work?.phase === 'SETUP' ? 'SETUP' : work ? 'RUNNING' : machine.status} />
                </td>
                <td>
                  {work ? <JobLink number={work.job.code} /> : '–'} {work && <span className="muted">{work.operation}</span>}
                </td>
                <td>{machine.atWork.map(({ operator }) => operator.name ?? operator.code).join(', ') || '–'}</td>
                <td className="number">
                  <Age since={work?.since ?? machine.since} />
                </td>
              </tr>
            );
          })}
        </tbody>
        {withoutMachine > 0 && <caption className={css.also}>{t('busy.withoutMachine', { count: withoutMachine })}</caption>}
      </table>
    </Scroll>
  );
}

/** What does not run: first what can't and why, then what could. */
export function StoppedPanel({ floor }: { floor: Floor }) {
  const { t } = useTranslation('today');
  return (
    <Panel title={t('stopped.title')}>
      <Machines floor={floor}>
        {({ stopped, free }) => (
          <>
            {stopped.length === 0 && (
              <Empty icon={CircleCheck} title={t('stopped.none')}>
                {t('stopped.noneWhy')}
              </Empty>
            )}
            <ul className={css.stopped}>
              {stopped.map((machine) => (
                <li key={machine.id}>
                  <div className={css.stoppedHead}>
                    <strong>{machine.code}</strong> <Status of="machine" is={machine.status} />
                    <span className={css.stoppedAge}>
                      <Age since={machine.since} />
                    </span>
                  </div>
                  <p className="muted">{machine.reason ?? t('stopped.noReason')}</p>
                  {machine.atWork.map(({ job, operation, operator }) => (
                    <p key={`${job.id} ${operation} ${operator.code}`}>
                      {t('stopped.begun')} <JobLink number={job.code} />{' '}
                      <span className="muted">
                        {operation} · {operator.name ?? operator.code}
                      </span>
                    </p>
                  ))}
                </li>
              ))}
            </ul>
            {free.length > 0 && (
              <p className={css.free}>
                <span className="muted">{t('stopped.free', { count: free.length })}</span> {free.map(({ code }) => code).join(', ')}
              </p>
            )}
          </>
        )}
      </Machines>
    </Panel>
  );
}
