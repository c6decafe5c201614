// Who works here: one tile each. A badge needs no tile.
import { ChevronLeft, IdCard, LogIn, TriangleAlert, UserRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Unreachable } from '../../api/query';
import { Empty } from '../../design/states';
import { Big, Keypad } from './Big';
import { refusedOf, waitingOf } from './core/entry';
import type { KnownTerminal } from './core/store';
import { Likes } from './Likes';
import { StraysLine } from './Strays';
import { Scan } from './scan/Scan';
import { Title } from './Title';
import css from './terminal.module.css';
import { useFault } from './useFault';
import { useHere, useKeys } from './useTerminal';

type Colleague = KnownTerminal['operators'][number];
/** More than these are looked for by name. */
const MANY = 18;
const [SHORTEST, LONGEST] = [4, 8];

export function Who() {
  const { t } = useTranslation('terminal');
  const { terminal, state } = useHere();
  const [chosen, setChosen] = useState<Colleague>();
  const [part, setPart] = useState('');
  const { fault, error, isBusy, run } = useFault();
  const [isNoBadge, setNoBadge] = useState(false);
  // Only a badge comes to grief here.
  const said = error instanceof Unreachable ? t('who.badgeOff') : isNoBadge ? t('who.noBadge') : fault;
  const scanned = (text: string) =>
    run(async () => {
      setNoBadge(false);
      setNoBadge((await terminal.scan(text)).is !== 'in');
    });
  useKeys({ scan: chosen === undefined ? (text) => void scanned(text) : undefined });
  if (chosen !== undefined) return <Pin colleague={chosen} back={() => setChosen(undefined)} />;
  const all = state.known?.operators ?? [];
  const wanted = part.trim().toLowerCase();
  const found = all.filter(({ code, name }) => `${name ?? ''} ${code}`.toLowerCase().includes(wanted));
  return (
    <div className={css.who} aria-busy={isBusy}>
      <div className={css.ask}>
        <Title>{t('who.title')}</Title>
        <p className={css.hint}>
          <IdCard aria-hidden /> {t('who.badge')}
        </p>
        {all.length > MANY && (
          <input
            type="search"
            className={css.search}
            aria-label={t('who.find')}
            placeholder={t('who.find')}
            value={part}
            onChange={({ currentTarget: { value } }) => setPart(value)}
            onKeyDown={({ key }) => {
              if (key !== 'Enter' || wanted === '') return;
              if (found.length === 1) setChosen(found[0]);
              else if (found.length === 0) {
                // A scanner that is slow.
                setPart('');
                void scanned(part);
              }
            }}
          />
        )}
        <Scan what="badge" read={(text) => void scanned(text)} />
      </div>
      {state.wasOut !== undefined && (
        <p role="alert" className={css.fault}>
          <TriangleAlert aria-hidden /> {t('who.wasOut', { name: state.wasOut })}
        </p>
      )}
      {said && (
        <p role="alert" className={css.fault}>
          <TriangleAlert aria-hidden /> {said}
        </p>
      )}
      <StraysLine />
      {all.length === 0 ? (
        <Empty icon={UserRound} title={t('who.nobody')}>
          {t('who.nobodyWhy')}
        </Empty>
      ) : (
        <ul className={css.tiles}>
          {found.map((colleague) => (
            <li key={colleague.id}>
              <button type="button" className={css.person} onClick={() => setChosen(colleague)}>
                <strong>{colleague.name ?? colleague.code}</strong>
                <span className={css.code}>{colleague.code}</span>
                <Marks operatorId={colleague.id} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Likes />
    </div>
  );
}

function Marks({ operatorId }: { operatorId: string }) {
  const { t } = useTranslation('terminal');
  const { entries } = useHere().state;
  const [kept, refused] = [waitingOf(entries, operatorId).length, refusedOf(entries, operatorId).length];
  return (
    <>
      {refused > 0 && (
        <span className={css.wrong}>
          <TriangleAlert aria-hidden /> {t('who.refused', { count: refused })}
        </span>
      )}
      {kept > 0 && <span className={css.kept}>{t('who.kept', { count: kept })}</span>}
    </>
  );
}

function Pin({ colleague, back }: { colleague: Colleague; back: () => void }) {
  const { t } = useTranslation('terminal');
  const { terminal } = useHere();
  const [pin, setPin] = useState('');
  const { fault, isBusy, run, clear } = useFault();
  const [isNoBadge, setNoBadge] = useState(false);
  const said = isNoBadge ? t('who.noBadge') : fault;
  const enter = async () => {
    if (pin.length < SHORTEST || isBusy) return;
    if (!(await run(() => terminal.enterByPin(colleague, pin)))) setPin('');
  };
  const press = (key: string) => {
    if (key === 'Enter') void enter();
    else if (key === 'Escape') back();
    else if (key === 'Backspace') setPin((now) => now.slice(0, -1));
    else if (/^\d$/.test(key)) {
      clear();
      setNoBadge(false);
      setPin((now) => (now.length < LONGEST ? now + key : now));
    }
  };
  const scanned = async (text: string) => {
    setNoBadge(false);
    setNoBadge((await terminal.scan(text)).is !== 'in');
  };
  useKeys({ key: press, scan: (text) => void run(() => scanned(text)) });
  return (
    <div className={css.pin}>
      <div className={css.pinHead}>
        <Title>{colleague.name ?? colleague.code}</Title>
        <p className={css.lead}>{t('pin.title')}</p>
        <p className={css.dots} role="status">
          <span className="visually-hidden">{t('pin.typed', { count: pin.length })}</span>
          {Array.from({ length: Math.max(SHORTEST, pin.length) }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a dot is its place
            <i key={at} className={at < pin.length ? css.typed : undefined} />
          ))}
        </p>
        {said && (
          <p role="alert" className={css.fault}>
            <TriangleAlert aria-hidden /> {said}
          </p>
        )}
      </div>
      <Keypad press={press} label={t('pin.keys')} back={t('keys.back')} />
      <Big icon={ChevronLeft} onClick={back}>
        {t('pin.other')}
      </Big>
      <Big icon={LogIn} tone="go" disabled={pin.length < SHORTEST || isBusy} onClick={() => void enter()}>
        {t('pin.enter')}
      </Big>
    </div>
  );
}
