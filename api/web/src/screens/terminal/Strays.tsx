// What was done by people who do not work here any more, or for another company: nobody can come in to send it, so it is passed on in words.
import { TriangleAlert, UserRoundX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Big } from './Big';
import { type Entry, straysOf } from './core/entry';
import { Head } from './Head';
import { ThrowAway, What } from './Reads';
import css from './terminal.module.css';
import { useHere } from './useTerminal';
import own from './work.module.css';

export function useStrays(): Entry[] {
  const { entries, known } = useHere().state;
  return known === undefined ? [] : straysOf(entries, known.operators);
}

/** That there are such things, for all who come by. */
export function StraysLine() {
  const { t } = useTranslation('terminal');
  const count = useStrays().length;
  return count === 0 ? null : (
    <p className={css.kept}>
      <TriangleAlert aria-hidden /> {t('strays.line', { count })}. {t('strays.comeIn')}
    </p>
  );
}

export function StraysButton({ open }: { open: () => void }) {
  const { t } = useTranslation('terminal');
  const count = useStrays().length;
  return count === 0 ? null : (
    <Big icon={UserRoundX} onClick={open}>
      {t('strays.line', { count })}
    </Big>
  );
}

export function Strays({ back }: { back: () => void }) {
  const { t } = useTranslation('terminal');
  const { terminal, state } = useHere();
  const strays = useStrays();
  // What one company did is not another one's to read.
  const isOurs = ({ company }: Entry) => company === undefined || company === (state.known?.company ?? undefined);
  const [ours, others] = [strays.filter(isOurs), strays.filter((entry) => !isOurs(entry))];
  const companies = [...new Set(others.map(({ company }) => company ?? ''))];
  return (
    <div className={own.task}>
      <Head back={back}>{t('strays.title')}</Head>
      {ours.length > 0 && (
        <section className={own.refused}>
          <p>{t('strays.why')}</p>
          <ul>
            {ours.map((entry) => (
              <li key={entry.seq}>
                <What entry={entry} />
                <span className={own.why}>{entry.visit.name}</span>
              </li>
            ))}
          </ul>
          <ThrowAway does={() => void terminal.drop(ours)} />
        </section>
      )}
      {companies.map((company) => {
        const theirs = others.filter((entry) => entry.company === company);
        return (
          <section key={company} className={own.refused}>
            <p>{t('strays.elsewhere', { count: theirs.length, company })}</p>
            <ThrowAway does={() => void terminal.drop(theirs)} />
          </section>
        );
      })}
      {strays.length === 0 && <p className={css.lead}>{t('strays.none')}</p>}
    </div>
  );
}
