// A file becomes jobs, machines or people: drop it, see what its columns mean, see what will come of it, have it done.
import { Alert, Button } from '@mantine/core';
import '@mantine/core/styles/Alert.layer.css';
import { FileUp } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Unsaved } from '../../app/Unsaved';
import { Page } from '../../design/Page';
import { Panel } from '../../design/Panel';
import { useReason } from '../../design/states';
import { useFormat } from '../../time/useFormat';
import { Check } from './Check';
import { Columns } from './Columns';
import { EXAMPLE_NAME, exampleFile } from './example';
import css from './import.module.css';
import { MOST_COLUMNS, TableRefused } from './table';
import { type Import as Importing, MOST_BYTES, useImport } from './useImport';
import { Working } from './Working';

export default function Import() {
  const { t } = useTranslation('import');
  const work = useImport();
  const reason = useReason(work.error);
  const { stage, opened } = work;
  return (
    <Page title={t('title')}>
      <div className={css.screen}>
        <Unsaved is={stage.at === 'running' || (stage.at === 'choosing' && opened !== undefined)} />
        {stage.at === 'choosing' && <File work={work} />}
        {work.error !== undefined && (
          <Alert color="red" variant="light" role="alert">
            {reason}
          </Alert>
        )}
        {stage.at === 'choosing' && opened !== undefined && (
          <>
            <Columns work={work} />
            <Check work={work} />
          </>
        )}
        {stage.at !== 'choosing' && <Working work={work} stage={stage} />}
      </div>
    </Page>
  );
}

function File({ work }: { work: Importing }) {
  const { t } = useTranslation('import');
  const [isOver, setOver] = useState(false);
  const format = useFormat();
  const [refused, setRefused] = useState<string>();
  const take = async (file: Blob & { name: string }) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const why = refusal(bytes);
    setRefused(why && t(`file.${why}`));
    if (why !== undefined) return;
    try {
      work.open(file.name, bytes);
    } catch (failure) {
      if (!(failure instanceof TableRefused)) throw failure;
      const said = { amount: format.amount(failure.count), most: format.amount(MOST_COLUMNS) };
      setRefused(t(`file.${failure.why}`, said));
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined) void take(file);
  };
  return (
    <Panel title={work.opened === undefined ? t('file.title') : t('file.chosen', { name: work.opened.name })}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the label within is what keys reach; this only catches what is dropped beside it */}
      <div
        className={css.drop}
        data-over={isOver || undefined}
        data-small={work.opened !== undefined || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FileUp size={work.opened === undefined ? 28 : 18} strokeWidth={1.5} aria-hidden />
        <p>{t('file.drop')}</p>
        <label className={css.choose}>
          {t('file.choose')}
          <input
            type="file"
            accept=".csv,.txt,.tsv,text/csv,text/plain"
            className="visually-hidden"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              if (file !== undefined) void take(file);
              event.currentTarget.value = '';
            }}
          />
        </label>
        {work.opened === undefined && (
          <Button variant="subtle" size="xs" onClick={() => work.open(EXAMPLE_NAME, exampleFile(Date.now()))}>
            {t('file.example')}
          </Button>
        )}
      </div>
      {refused !== undefined && (
        <p role="alert" className={css.refused}>
          {refused}
        </p>
      )}
      {work.opened === undefined && <p className="muted">{t('file.what')}</p>}
    </Panel>
  );
}

/** Spreadsheets of other kinds are packed: "PK" is how they begin. */
function refusal(bytes: Uint8Array): 'tooBig' | 'empty' | 'binary' | undefined {
  if (bytes.length > MOST_BYTES) return 'tooBig';
  if (bytes.length === 0) return 'empty';
  const begins = (...signs: number[]) => signs.every((sign, at) => bytes[at] === sign);
  return begins(0x50, 0x4b, 3, 4) || begins(0xd0, 0xcf, 0x11, 0xe0) || begins(0x25, 0x50, 0x44, 0x46) ? 'binary' : undefined;
}
