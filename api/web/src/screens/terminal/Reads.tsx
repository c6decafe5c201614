// What is to be read first: what the server has not done, and what waits for them to say that it is theirs.
import { CircleCheck, RotateCw, Send, Trash2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from './Big';
import { type Entry, heldOf, refusedOf, type Visit } from './core/entry';
import { useRefusal } from './useFault';
import { useHere, useServerNow, useWords } from './useTerminal';
import own from './work.module.css';

export function Reads({ visit }: { visit: Visit }) {
  const { t } = useTranslation('terminal');
  const { terminal, state } = useHere();
  const refused = refusedOf(state.entries, visit.operatorId);
  const held = visit.isConfirmed ? heldOf(state.entries, visit.operatorId, false) : [];
  const faulty = visit.isConfirmed ? heldOf(state.entries, visit.operatorId, true) : [];
  return (
    <>
      {refused.length > 0 && (
        <section role="alert" className={own.refused}>
          <h2>
            <TriangleAlert aria-hidden /> {t('reads.title', { count: refused.length })}
          </h2>
          <ul>
            {refused.map((entry) => (
              <Refused key={entry.seq} entry={entry} />
            ))}
          </ul>
          <Big icon={CircleCheck} onClick={() => void terminal.drop(refused)}>
            {t('reads.seen')}
          </Big>
        </section>
      )}
      {held.length > 0 && (
        <section role="alert" className={own.refused}>
          <h2>
            <TriangleAlert aria-hidden /> {t('held.title', { count: held.length })}
          </h2>
          <p>{t('held.why')}</p>
          <ul>
            {held.map((entry) => (
              <li key={entry.seq}>
                <What entry={entry} />
              </li>
            ))}
          </ul>
          <div className={own.acts}>
            <Big icon={Send} tone="go" onClick={() => void terminal.claim(held)}>
              {t('held.mine')}
            </Big>
            <Big icon={Trash2} onClick={() => void terminal.drop(held)}>
              {t('held.notMine')}
            </Big>
          </div>
        </section>
      )}
      {faulty.length > 0 && (
        <section role="alert" className={own.refused}>
          <h2>
            <TriangleAlert aria-hidden /> {t('faulty.title', { count: faulty.length })}
          </h2>
          <p>{t('faulty.why')}</p>
          <ul>
            {faulty.map((entry) => (
              <li key={entry.seq}>
                <What entry={entry} />
              </li>
            ))}
          </ul>
          <div className={own.acts}>
            <Big icon={RotateCw} tone="go" onClick={() => void terminal.claim(faulty)}>
              {t('faulty.again')}
            </Big>
            <ThrowAway does={() => void terminal.drop(faulty)} />
          </div>
        </section>
      )}
    </>
  );
}

function Refused({ entry }: { entry: Entry }) {
  const refusal = useRefusal();
  return (
    <li>
      <What entry={entry} />
      <span className={own.why}>{entry.refused && refusal(entry.refused)}</span>
    </li>
  );
}

/** For good: so it is asked once more. */
export function ThrowAway({ does }: { does: () => void }) {
  const { t } = useTranslation('terminal');
  const [isAsked, setAsked] = useState(false);
  return (
    <Big icon={Trash2} tone={isAsked ? 'stop' : 'plain'} onClick={isAsked ? does : () => setAsked(true)}>
      {isAsked ? t('away.sure') : t('away.do')}
    </Big>
  );
}

/** What was done, in words: "Finish 4149 · 20: 38 good, 2 scrap, 14:30". */
export function What({ entry: { deed, at } }: { entry: Entry }) {
  const { t } = useTranslation('terminal');
  const [words, now] = [useWords(), useServerNow(60_000)];
  const when = words.when(at, now);
  if (deed.kind === 'machine') {
    const said = deed.status === 'DOWN' ? t('deed.down', { machine: deed.machine }) : t('deed.up', { machine: deed.machine });
    return (
      <strong>
        {said} · {when}
      </strong>
    );
  }
  const name = `${deed.job} · ${deed.operation}`;
  const made = 'good' in deed ? { good: words.amount(deed.good), scrap: words.amount(deed.scrap) } : undefined;
  return (
    <strong>
      {t(`deed.${deed.kind}`, { name })} · {made && `${t('deed.made', made)} · `}
      {when}
    </strong>
  );
}
