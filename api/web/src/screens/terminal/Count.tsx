// Good and scrap in one step, by a keypad that serves whichever of the two is chosen.
import clsx from 'clsx';
import { ClipboardCheck, Flag, Minus, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big, Keypad } from './Big';
import { leftOf, type Task } from './core/data';
import { Drafts } from './core/drafts';
import type { Made as MadeDeed } from './core/entry';
import { amountOf, pressed, stepped } from './core/typed';
import { Head } from './Head';
import { TaskName } from './Queue';
import { ReasonTiles } from './Reasons';
import css from './terminal.module.css';
import { useKeys, useWords } from './useTerminal';
import own from './work.module.css';

interface CountProps {
  /** Who counts. */
  me: string;
  task: Task;
  isLast: boolean;
  done: (made: MadeDeed) => void;
  back: () => void;
}

const drafts = new Drafts<{ good: string; scrap: string; reason: string }>();

export function Count({ me, task, isLast, done, back }: CountProps) {
  const { t } = useTranslation('terminal');
  const words = useWords();
  const draftKey = `${task.key} ${isLast}`;
  const [typed, setTyped] = useState(() => drafts.get(me, draftKey) ?? { good: '', scrap: '', reason: '' });
  const [at, setAt] = useState<'good' | 'scrap'>('good');
  const [isAsked, setAsked] = useState(false);
  const change = (next: Partial<typeof typed>) =>
    setTyped((now) => {
      const all = { ...now, ...next };
      drafts.keep(me, draftKey, all);
      return all;
    });
  /** Who goes back does not mean it. */
  const away = () => {
    drafts.drop(me, draftKey);
    back();
  };
  const press = (key: string) => {
    if (key === 'Enter') submit();
    else if (key === 'Escape') away();
    else change({ [at]: pressed(typed[at], key) });
  };
  const [good, scrap] = [amountOf(typed.good), amountOf(typed.scrap)];
  const left = leftOf(task);
  const lacksReason = scrap > 0 && typed.reason.trim() === '';
  const isNothing = good === 0 && scrap === 0;
  const submit = () => {
    if (isNothing && !isLast) return;
    if (lacksReason) {
      setAsked(true);
      return;
    }
    drafts.drop(me, draftKey);
    done({ good: String(good), scrap: String(scrap), ...(scrap > 0 && { scrapReason: typed.reason.trim() }) });
  };
  useKeys({ key: press });
  const field = (name: 'good' | 'scrap') => (
    <div className={clsx(own.amount, at === name && own.here)}>
      <button
        type="button"
        className={own.step}
        aria-label={t(`count.less.${name}`)}
        onClick={() => change({ [name]: stepped(typed[name], -1) })}
      >
        <Minus aria-hidden />
      </button>
      <button type="button" className={own.value} aria-pressed={at === name} onClick={() => setAt(name)}>
        <span>{t(`count.${name}`)}</span>
        <output data-amount={name}>{typed[name] === '' ? '0' : words.amount(typed[name].replace(',', '.'))}</output>
      </button>
      <button
        type="button"
        className={own.step}
        aria-label={t(`count.more.${name}`)}
        onClick={() => change({ [name]: stepped(typed[name], 1) })}
      >
        <Plus aria-hidden />
      </button>
    </div>
  );
  return (
    <div className={own.count}>
      <Head back={away}>
        {isLast ? t('count.finish') : t('count.report')} <TaskName task={task} />
      </Head>
      <div className={own.fields}>
        {field('good')}
        {left !== undefined && left > 0 && (
          <button type="button" className={own.all} onClick={() => change({ good: String(left) })}>
            {t('count.all', { count: left, left: words.amount(left), unit: task.unit })}
          </button>
        )}
        {field('scrap')}
        {left !== undefined && good + scrap > left && left > 0 && (
          <p className={own.more}>{t('count.beyond', { left: words.amount(left) })}</p>
        )}
        {scrap > 0 && (
          <section className={clsx(isAsked && lacksReason && own.wanted)}>
            <h2>{t('count.why')}</h2>
            {isAsked && lacksReason && (
              <p role="alert" className={css.fault}>
                {t('count.whyNeeded')}
              </p>
            )}
            <ReasonTiles of="scrap" chosen={typed.reason} choose={(reason) => change({ reason })} />
          </section>
        )}
      </div>
      <Keypad
        className={own.pad}
        press={press}
        label={t(`count.${at}`)}
        back={t('keys.back')}
        corner={
          <button type="button" aria-label={t('keys.point')} onClick={() => press('.')}>
            {words.amount(0.5).replace(/\d/g, '')}
          </button>
        }
      />
      <div className={own.countEnd}>
        <Big icon={isLast ? Flag : ClipboardCheck} tone={isLast ? 'end' : 'go'} disabled={isNothing && !isLast} onClick={submit}>
          {isLast ? t('count.doFinish') : t('count.doReport')}
        </Big>
      </div>
    </div>
  );
}
