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
import { machinesBy } from './model';
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
          {({ busy }) =>
            busy.length === 0 ? (
              <Empty icon={CirclePause} title={t('busy.none')}>
                {t('busy.noneWhy')}
              </Empty>
            ) : (
              <Busy machines={busy} />
            )
          }
        </Machines>
      </Panel>
    </div>
  );
}

function Busy({ machines }: { machines: TodayMachineFragment[] }) {
  const { t } = useTranslation('today');
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
