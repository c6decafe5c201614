// How many people wait for help: on every screen, that it is not known, and nothing where nobody does.
import { Link } from '@tanstack/react-router';
import { BellRing, CircleHelp, Siren } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Mark } from '../design/Mark';
import css from './andon.module.css';
import { callsOf, useLiveCalls } from './calls';
import { stateOf } from './model';

export default function CallsMark() {
  const { t } = useTranslation('andon');
  const { data, failure } = useLiveCalls();
  const calls = callsOf(data);
  const late = calls.filter((call) => stateOf(call) === 'escalated').length;
  const count = data?.andonCalls.totalCount ?? 0;
  return (
    <span role="status" className={css.status}>
      {failure !== null && (
        <Link to="/" hash="calls" className={css.mark} data-calls="unknown" title={t('unknownWhy')}>
          <Mark tone="risk" icon={CircleHelp}>
            {t('unknown')}
          </Mark>
        </Link>
      )}
      {count > 0 && (
        <Link to="/" hash="calls" className={css.mark} data-calls={count} title={t('mark.why')}>
          <Mark tone={late > 0 ? 'late' : 'risk'} icon={late > 0 ? Siren : BellRing}>
            {late > 0 ? t('mark.escalated', { count, late }) : t('mark.calls', { count })}
          </Mark>
        </Link>
      )}
    </span>
  );
}
