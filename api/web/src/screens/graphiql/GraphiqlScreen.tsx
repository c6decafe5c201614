// GraphiQL for who is signed in: questions, changes and subscriptions as themselves, with what they may and no more.
import { useComputedColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { ArrowLeft } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../api/session';
import { fetcher } from './fetcher';
import css from './GraphiqlScreen.module.css';
import { storageOf } from './storage';

const EXAMPLE = '{\n  company {\n    name\n  }\n}\n';

export default function GraphiqlScreen() {
  const { t } = useTranslation('graphiql');
  const { tenantId, actorId } = useSession().viewer;
  const storage = useMemo(() => storageOf({ tenantId, actorId }), [tenantId, actorId]);
  const look = useComputedColorScheme('light');
  useEffect(() => {
    document.title = `${t('title')} · Kilter`;
  }, [t]);
  // GraphiQL says its look on the body, and leaves it there.
  useEffect(() => () => document.body.classList.remove('graphiql-light', 'graphiql-dark'), []);
  return (
    <main id="content" className={css.screen}>
      <header className={css.head}>
        <Link to="/" className={css.back}>
          <ArrowLeft size={16} aria-hidden /> {t('back')}
        </Link>
        <h1>{t('title')}</h1>
        <p className="muted">{t('why')}</p>
      </header>
      <div className={css.tool} lang="en">
        <GraphiQL
          fetcher={fetcher}
          storage={storage}
          defaultQuery={EXAMPLE}
          forcedTheme={look}
          isHeadersEditorEnabled={false}
          shouldPersistHeaders={false}
        >
          {/* The heading says it already. */}
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
        </GraphiQL>
      </div>
    </main>
  );
}
