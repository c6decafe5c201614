import { Button, Menu, UnstyledButton } from '@mantine/core';
import '@mantine/core/styles/Popover.layer.css';
import '@mantine/core/styles/Menu.layer.css';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Factory, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/session';
import { JobLink } from '../../app/JobLink';
import { Page } from '../../design/Page';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { Status } from '../../design/Status';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { Age } from '../../design/values';
import { CenterBeside } from './CenterBeside';
import { useFloor } from './data';
import { CenterDialog, MachineDialog } from './dialogs';
import { MachineBeside } from './MachineBeside';
import css from './machines.module.css';
import { type Area, type CenterOfFloor, floorOf, type Machine } from './model';
import { type MachinesSearch, readSearch } from './route';
import { ToolDialog, Tools } from './Tools';

/** What there is on the floor, how it is doing, and how it is set up. */
export default function Machines() {
  const { t } = useTranslation('machines');
  const search = readSearch({ ...useSearch({ from: '/guarded/shell/machines' }) });
  const navigate = useNavigate();
  const mayChange = useMay()('MANAGE_MACHINES');
  const query = useFloor();
  const [adding, setAdding] = useState<'machine' | 'center' | 'tool'>();
  const open = (next: MachinesSearch) => void navigate({ to: '/machines', search: ({ lang }) => ({ lang, ...next }), resetScroll: false });
  const machines = query.data?.machines.edges.map(({ node }) => node) ?? [];
  const centers = query.data?.workCenters.edges.map(({ node }) => node) ?? [];
  const machine = machines.find(({ code }) => code === search.machine);
  const center = centers.find(({ code }) => code === search.center);
  const close = () => setAdding(undefined);
  return (
    <Page title={t('title')} actions={mayChange && <Add choose={setAdding} />}>
      {query.error && query.data === undefined ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={14} />
      ) : (
        <div className={css.screen}>
          {centers.length === 0 ? (
            <Empty icon={Factory} title={t('none')}>
              {t('noneWhy')}
            </Empty>
          ) : (
            floorOf(centers, machines).map((area) => <AreaPanel key={area.name ?? ''} area={area} open={open} />)
          )}
          <Tools />
        </div>
      )}
      {machine && <MachineBeside machine={machine} centers={centers} close={() => open({})} />}
      {center && <CenterBeside key={center.id} center={center} close={() => open({})} />}
      {adding === 'machine' && <MachineDialog centers={centers} close={close} />}
      {adding === 'center' && <CenterDialog close={close} />}
      {adding === 'tool' && <ToolDialog close={close} />}
    </Page>
  );
}

function Add({ choose }: { choose: (what: 'machine' | 'center' | 'tool') => void }) {
  const { t } = useTranslation('machines');
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 120 }}>
      <Menu.Target>
        <Button size="compact-md" leftSection={<Plus size={16} aria-hidden />}>
          {t('setUp')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => choose('machine')}>{t('machine.add')}</Menu.Item>
        <Menu.Item onClick={() => choose('center')}>{t('center.add')}</Menu.Item>
        <Menu.Item onClick={() => choose('tool')}>{t('tool.add')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The same in every area, so that the columns stand under each other. */
const WIDTHS = Object.entries({ machine: '24%', status: '12%', since: '8%', work: '17%', reason: '17%', calendar: '22%' });

function AreaPanel({ area: { name, centers }, open }: { area: Area; open: (search: MachinesSearch) => void }) {
  const { t } = useTranslation('machines');
  const all = centers.flatMap(({ machines }) => machines);
  const stopped = all.filter(({ status }) => status === 'DOWN' || status === 'MAINTENANCE').length;
  const title = name ?? t('noArea');
  return (
    <Panel
      title={title}
      aside={[t('machines', { count: all.length }), stopped > 0 && t('stopped', { count: stopped })].filter(Boolean).join(', ')}
      flush
    >
      <Scroll label={title}>
        <table className={css.table}>
          <colgroup>
            {WIDTHS.map(([column, width]) => (
              <col key={column} style={{ width }} />
            ))}
          </colgroup>
          <thead>
            <tr>
              <th scope="col">{t('column.machine')}</th>
              <th scope="col">{t('column.status')}</th>
              <th scope="col">{t('column.since')}</th>
              <th scope="col">{t('column.work')}</th>
              <th scope="col">{t('column.reason')}</th>
              <th scope="col">{t('column.calendar')}</th>
            </tr>
          </thead>
          {centers.map((one) => (
            <CenterRows key={one.center.id} {...one} open={open} />
          ))}
        </table>
      </Scroll>
    </Panel>
  );
}

function CenterRows({ center, machines, open }: CenterOfFloor & { open: (search: MachinesSearch) => void }) {
  const { t } = useTranslation('machines');
  return (
    <tbody>
      <tr className={css.center}>
        <th scope="rowgroup" colSpan={3}>
          <UnstyledButton className={css.link} onClick={() => open({ center: center.code })}>
            {center.name}
          </UnstyledButton>{' '}
          <span className="muted">{center.code}</span>
        </th>
        <td colSpan={3} className="muted">
          {t('work', { running: center.runningOperations, waiting: center.waitingOperations })}
        </td>
      </tr>
      {machines.length === 0 && (
        <tr>
          <td colSpan={6} className="muted">
            {t('center.empty')}
          </td>
        </tr>
      )}
      {machines.map((machine) => (
        <Row key={machine.id} machine={machine} open={() => open({ machine: machine.code })} />
      ))}
    </tbody>
  );
}

function Row({ machine, open }: { machine: Machine; open: () => void }) {
  const { t } = useTranslation('machines');
  const { code, name, status, since, atWork, reason, calendar } = machine;
  return (
    <tr>
      <th scope="row">
        <UnstyledButton className={css.link} onClick={open}>
          {code}
        </UnstyledButton>{' '}
        <span className="muted">{name}</span>
      </th>
      <td>
        <Status of="machine" is={status} />
      </td>
      <td>
        <Age since={since} />
      </td>
      <td>
        {atWork.map(({ job, operation, operator }) => (
          <span key={`${job.code} ${operation} ${operator.code}`} className={css.work}>
            <JobLink number={job.code} /> <span className="muted">· {operator.name ?? operator.code}</span>
          </span>
        ))}
      </td>
      <td className={css.reason} dir="auto" title={reason ?? undefined}>
        {reason ?? ''}
      </td>
      <td className="muted">{calendar?.name ?? t('asCenter')}</td>
    </tr>
  );
}
