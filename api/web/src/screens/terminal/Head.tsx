import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from './Big';
import { Title } from './Title';
import own from './work.module.css';

/** Above what is open in front of one's work: the way back, and what it is. */
export function Head({ back, children }: { back: () => void; children: ReactNode }) {
  const { t } = useTranslation('terminal');
  return (
    <div className={own.head}>
      <Big icon={ChevronLeft} onClick={back}>
        {t('back')}
      </Big>
      <Title>{children}</Title>
    </div>
  );
}
