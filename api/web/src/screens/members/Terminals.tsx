// Tablets on the shop floor: which are paired, a code for another one, and the end of one.
import { Button, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { TabletSmartphone } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MakePairingCodeDocument, RevokeTerminalDocument, TerminalsDocument } from '../../api/generated/members';
import { ask } from '../../api/query';
import { useDo } from '../../api/useDo';
import { Panel } from '../../design/Panel';
import { Empty, Failure, SkeletonRows } from '../../design/states';
import { When } from '../../design/values';
import { pairingAddress } from '../terminal/core/pairing';
import { Ask } from './Ask';
import css from './members.module.css';
import { QrCode } from './QrCode';

const CHANGES = ['members', 'terminals'];

export function Terminals() {
  const { t } = useTranslation('members');
  const [isPairing, setPairing] = useState(false);
  const [ending, setEnding] = useState<{ id: string; name: string }>();
  const query = useQuery({ queryKey: CHANGES, queryFn: ({ signal }) => ask(TerminalsDocument, {}, signal) });
  const revoke = useDo(RevokeTerminalDocument, CHANGES, () => t('terminals.revoked', { name: ending?.name ?? '' }));
  const terminals = query.data?.terminals;
  return (
    <Panel
      title={t('terminals.title')}
      aside={
        <Button size="xs" variant="default" onClick={() => setPairing(true)}>
          {t('terminals.pair')}
        </Button>
      }
      flush
    >
      {terminals === undefined && (query.error ? <Failure error={query.error} compact /> : <SkeletonRows rows={2} />)}
      {terminals?.length === 0 && (
        <Empty icon={TabletSmartphone} title={t('terminals.none')}>
          {t('terminals.noneWhy')}
        </Empty>
      )}
      <ul className={css.list}>
        {terminals?.map(({ id, name, paired, lastUsed }) => (
          <li key={id}>
            <div>
              <strong>{name}</strong>
              <p className="muted">
                {t('terminals.since')} <When at={paired} /> · {t('terminals.used')} <When at={lastUsed} />
              </p>
            </div>
            <Button size="xs" variant="default" aria-label={t('terminals.sure', { name })} onClick={() => setEnding({ id, name })}>
              {t('terminals.revoke')}
            </Button>
          </li>
        ))}
      </ul>
      {isPairing && <Pair close={() => setPairing(false)} />}
      {ending !== undefined && (
        <Ask
          title={t('terminals.sure', { name: ending.name })}
          does={t('terminals.revoke')}
          close={() => setEnding(undefined)}
          isBusy={revoke.isPending}
          error={revoke.error}
          submit={() => revoke.mutate({ terminalId: ending.id }, { onSuccess: () => setEnding(undefined) })}
        >
          <p>{t('terminals.sureWhy')}</p>
        </Ask>
      )}
    </Panel>
  );
}

function Pair({ close }: { close: () => void }) {
  const { t } = useTranslation('members');
  const queries = useQueryClient();
  const make = useDo(MakePairingCodeDocument, CHANGES);
  const made = make.data?.makePairingCode;
  if (made?.code && made.expires) {
    const typed = () => {
      void queries.invalidateQueries({ queryKey: CHANGES });
      close();
    };
    return (
      <Ask title={t('terminals.code')} does={t('terminals.done')} close={typed} submit={typed} isBusy={false} error={undefined}>
        <QrCode className={css.qr} text={pairingAddress(location.origin, made.code)} label={t('terminals.picture')} />
        <code className={css.pairing}>{made.code}</code>
        <p>
          {t('terminals.where', { address: `${location.origin}/terminal` })} <When at={made.expires} />.
        </p>
        <p className="muted">{t('terminals.people')}</p>
      </Ask>
    );
  }
  return (
    <Ask
      title={t('terminals.pair')}
      does={t('terminals.make')}
      close={close}
      submit={({ name = '' }) => make.mutate({ name })}
      isBusy={make.isPending}
      error={make.error}
    >
      <TextInput name="name" label={t('terminals.name')} description={t('terminals.nameWhy')} required data-autofocus />
    </Ask>
  );
}
