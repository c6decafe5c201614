import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, useCommand } from '../../api/command';
import {
  BringToolBackDocument,
  CountToolDocument,
  type MachinesToolsQuery,
  RegisterToolDocument,
  RenameToolDocument,
  RetireToolDocument,
} from '../../api/generated/machines';
import { Refusal } from '../../api/query';
import { useMay } from '../../api/session';
import { FieldsDialog } from '../../app/FieldsDialog';
import { sayDone } from '../../app/undo';
import { Panel } from '../../design/Panel';
import { Scroll } from '../../design/Scroll';
import { Failure, SkeletonRows, useReason } from '../../design/states';
import { FLOOR, useTools } from './data';
import css from './machines.module.css';

type Tool = MachinesToolsQuery['tools']['edges'][number]['node'];

/** Tools and fixtures: how many there are of each. */
export function Tools() {
  const { t } = useTranslation('machines');
  const mayChange = useMay()('MANAGE_MACHINES');
  const query = useTools();
  const [asked, setAsked] = useState<{ edit: Tool } | { retire: Tool }>();
  const tools = query.data?.tools.edges.map(({ node }) => node);
  const back = useCommand(BringToolBackDocument, {
    changes: FLOOR,
    done: (_, { toolCode }) => ({ said: t('done.back', { name: toolCode ?? '' }) }),
  });
  const reason = useReason(back.error ?? undefined);
  const close = () => setAsked(undefined);
  return (
    <Panel title={t('tool.title')} aside={t('tool.what')} flush>
      {query.error && tools === undefined ? (
        <Failure compact error={query.error} retry={() => void query.refetch()} />
      ) : tools === undefined ? (
        <SkeletonRows rows={3} />
      ) : tools.length === 0 ? (
        <p className={css.empty}>{t('tool.none')}</p>
      ) : (
        <Scroll label={t('tool.title')}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t('tool.name')}</th>
                <th scope="col">{t('name')}</th>
                <th scope="col">{t('tool.count')}</th>
                <th scope="col">{t('column.status')}</th>
                {mayChange && <td />}
              </tr>
            </thead>
            <tbody>
              {tools.map((tool) => (
                <tr key={tool.id}>
                  <th scope="row">{tool.code}</th>
                  <td dir="auto">{tool.name}</td>
                  <td>{tool.count}</td>
                  <td className="muted">{tool.retired === null ? t('tool.inUse') : t('tool.retired', { reason: tool.retired })}</td>
                  {mayChange && (
                    <td>
                      <span className={css.buttons}>
                        {tool.retired === null ? (
                          <>
                            <Button size="compact-xs" variant="default" onClick={() => setAsked({ edit: tool })}>
                              {t('edit')} <span className="visually-hidden">{tool.code}</span>
                            </Button>
                            <Button size="compact-xs" variant="default" onClick={() => setAsked({ retire: tool })}>
                              {t('retire')} <span className="visually-hidden">{tool.code}</span>
                            </Button>
                          </>
                        ) : (
                          <Button size="compact-xs" variant="default" onClick={() => back.mutate({ toolCode: tool.code })}>
                            {t('tool.back')}
                          </Button>
                        )}
                      </span>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {back.error && (
        <p role="alert" className={css.refused}>
          {reason}
        </p>
      )}
      {asked && 'edit' in asked && <ToolDialog tool={asked.edit} close={close} />}
      {asked && 'retire' in asked && <RetireDialog tool={asked.retire} close={close} />}
    </Panel>
  );
}

export function ToolDialog({ tool, close }: { tool?: Tool; close: () => void }) {
  const { t } = useTranslation('machines');
  const queries = useQueryClient();
  const register = useCommand(RegisterToolDocument, {
    changes: FLOOR,
    done: (_, { code }) => ({
      said: t('done.created', { name: code }),
      undo: () => command(RetireToolDocument, { toolCode: code, reason: t('done.undoCreate') }),
    }),
  });
  const go = async (code: string, was: { name: string; count: number }, to: { name: string; count: number }) => {
    if (was.name !== to.name) await command(RenameToolDocument, { toolCode: code, name: to.name });
    if (was.count !== to.count) await command(CountToolDocument, { toolCode: code, count: to.count });
    for (const queryKey of FLOOR) void queries.invalidateQueries({ queryKey });
  };
  return (
    <FieldsDialog
      title={tool ? t('tool.edit', { code: tool.code }) : t('tool.add')}
      name={tool ? t('save') : t('tool.add')}
      fields={[
        ...(tool ? [] : [{ name: 'code' as const, label: t('code'), required: true, description: t('tool.codeWhat') }]),
        { name: 'name', label: t('name'), required: true, initial: tool?.name ?? '' },
        { name: 'count', label: t('tool.count'), type: 'number', required: true, initial: String(tool?.count ?? 1) },
      ]}
      submit={async ({ code, name, count }) => {
        const to = { name: name.trim(), count: Number(count) };
        if (!/^\d{1,6}$/.test(count.trim())) throw new Refusal('FAULTY', t('fault.number', { most: 1_000 }), 'count');
        if (tool === undefined) return register.mutateAsync({ ...to, code: code.trim() });
        await go(tool.code, tool, to);
        sayDone({ said: t('done.changed', { name: tool.code }), undo: () => go(tool.code, to, tool) });
        return undefined;
      }}
      close={close}
    />
  );
}

function RetireDialog({ tool: { code }, close }: { tool: Tool; close: () => void }) {
  const { t } = useTranslation('machines');
  const { mutateAsync } = useCommand(RetireToolDocument, {
    changes: FLOOR,
    done: () => ({ said: t('done.retired', { name: code }), undo: () => command(BringToolBackDocument, { toolCode: code }) }),
  });
  return (
    <FieldsDialog
      title={t('tool.retire', { code })}
      name={t('retire')}
      fields={[{ name: 'reason', label: t('reason'), type: 'lines', required: true }]}
      submit={({ reason }) => mutateAsync({ toolCode: code, reason: reason.trim() })}
      close={close}
    />
  );
}
