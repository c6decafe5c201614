// Somebody else has signed in in this browser, in another tab: what was on this page was not theirs, and nothing goes on under their name.
import { Button } from '@mantine/core';
import { UserRoundX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session';
import { leave } from '../api/session-state';
import form from '../design/form.module.css';
import { Empty } from '../design/states';

export default function SomebodyElse() {
  const { t } = useTranslation('app');
  const { viewer } = useSession();
  const actions = (
    <div className={form.buttons}>
      <Button variant="default" onClick={leave}>
        {t('another.signIn', { name: viewer.name })}
      </Button>
      {/* Where this page was may be of another company. */}
      <Button onClick={() => location.assign('/')}>{t('another.goOn')}</Button>
    </div>
  );
  return (
    <main id="content">
      <div role="alert">
        <Empty isAll icon={UserRoundX} title={t('another.title')} action={actions}>
          {t('another.why')}
        </Empty>
      </div>
    </main>
  );
}
