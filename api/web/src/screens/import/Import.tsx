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
import { type Import as Importing, useImport } from './useImport';
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
        {stage.at === 'choosing' && <Choose work={work} />}
        {work.error !== undefined && !(work.error instanceof TableRefused) && (
          <Alert color="red" variant="light" role="alert">
            {reason}
          </Alert>
        )}
        {stage.at === 'choosing' && opened?.head !== undefined && (
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

function Choose({ work }: { work: Importing }) {
  const { t } = useTranslation('import');
  const [isOver, setOver] = useState(false);
  const format = useFormat();
  const { opened, error } = work;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined) void work.open(file);
  };
  return (
    <Panel title={opened === undefined ? t('file.title') : t('file.chosen', { name: opened.name })}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the label within is what keys reach; this only catches what is dropped beside it */}
      <div
        className={css.drop}
        data-over={isOver || undefined}
        data-small={opened !== undefined || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FileUp size={opened === undefined ? 28 : 18} strokeWidth={1.5} aria-hidden />
        <p>{t('file.drop')}</p>
        <label className={css.choose}>
          {t('file.choose')}
          <input
            type="file"
            accept=".csv,.txt,.tsv,text/csv,text/plain"
            className="visually-hidden"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              if (file !== undefined) void work.open(file);
              event.currentTarget.value = '';
            }}
          />
        </label>
        {opened === undefined && (
          <Button variant="subtle" size="xs" onClick={() => void work.open(new File([exampleFile(Date.now())], EXAMPLE_NAME))}>
            {t('file.example')}
          </Button>
        )}
      </div>
      {work.isReading && (
        <div className={css.reading}>
          <p role="status">{t('file.reading')}</p>
          <Button variant="default" size="xs" onClick={work.forget}>
            {t('file.cancel')}
          </Button>
        </div>
      )}
      {error instanceof TableRefused && (
        <p role="alert" className={css.refused}>
          {t(`file.${error.why}`, { amount: format.amount(error.count), most: format.amount(MOST_COLUMNS) })}
        </p>
      )}
      {opened === undefined && <p className="muted">{t('file.what')}</p>}
    </Panel>
  );
}
