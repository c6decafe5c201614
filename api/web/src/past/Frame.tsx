// The frame around a screen of an earlier moment: which moment it is, and the ways out of it.
import { Button } from '@mantine/core';
import { useIsFetching } from '@tanstack/react-query';
import { Check, Clock, History, Link2, Undo2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHeldUntil } from '../api/allowance';
import { atOf } from '../api/as-of';
import { usePast } from '../api/moment';
import { isWaiting } from '../api/past-client';
import { Refusal } from '../api/query';
import { Empty, Failure, SkeletonRows } from '../design/states';
import { useFormat } from '../time/useFormat';
import { useRealNow } from '../time/useNow';
import Dock from './Dock';
import css from './Frame.module.css';
import { usePlaced } from './PastProvider';
import { useLook } from './useLook';

export default function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation('past');
  const past = usePast();
  const { error, failureReason, refetch } = usePlaced(past?.moment);
  if (past === undefined) return children;
  const isKnown = !Number.isNaN(past.instant);
  return (
    <div className={css.frame} data-as-of={past.position}>
      <section className={css.head} aria-label={t('frame')}>
        <Which instant={past.instant} isKnown={isKnown} reading={isWaiting(failureReason)} />
        <Ways />
      </section>
      <div className={css.screen}>
        {error ? <Unknown error={error} retry={() => void refetch()} /> : isKnown ? children : <SkeletonRows rows={8} />}
      </div>
      <Dock instant={isKnown ? past.instant : Date.now()} said={atOf(past.moment)} />
    </div>
  );
}

function Which({ instant, isKnown, reading }: { instant: number; isKnown: boolean; reading: boolean }) {
  const { t } = useTranslation('past');
  const [format, now] = [useFormat(), useRealNow(10_000)];
  const isAsking = useIsFetching() > 0;
  const held = useHeldUntil() - useRealNow();
  return (
    <p className={css.which}>
      <History size={18} aria-hidden />
      {isKnown ? (
        <>
          <span className={css.asOf}>{t('asOf')}</span>
          <time dateTime={new Date(instant).toISOString()} className={css.instant} title={format.exactly(instant)}>
            {format.precisely(instant)}
          </time>
          <span className={css.ago}>{t('ago', { time: format.roughly(Math.max(0, now - instant) / 1_000) })}</span>
        </>
      ) : (
        <span className={css.instant}>{t('placing')}</span>
      )}
      <span className={css.only}>
        {held > 0
          ? t('limited', { time: format.roughly(Math.ceil(held / 1_000)) })
          : reading
            ? t('reading')
            : isAsking
              ? t('asking')
              : t('only')}
      </span>
    </p>
  );
}

function Ways() {
  const { t } = useTranslation('past');
  const past = usePast();
  const { backToNow } = useLook();
  const [copied, setCopied] = useState<string>();
  // A position never means anything else; until it is known the instant has to do.
  const link = () => {
    const address = new URL(location.href);
    if (past?.position !== undefined && past.position !== '0') address.searchParams.set('at', past.position);
    return address.href;
  };
  const copy = () => {
    const text = link();
    void navigator.clipboard.writeText(text).then(
      () => setCopied(text),
      () => globalThis.prompt(t('copyThis'), text),
    );
  };
  const isCopied = copied !== undefined && copied === link();
  return (
    <div className={css.ways}>
      <Button
        size="xs"
        variant="default"
        leftSection={isCopied ? <Check size={14} aria-hidden /> : <Link2 size={14} aria-hidden />}
        onClick={copy}
      >
        {isCopied ? t('copied') : t('copy')}
      </Button>
      <Button size="xs" leftSection={<Undo2 size={14} aria-hidden />} onClick={backToNow} aria-keyshortcuts="h">
        {t('now')}
      </Button>
    </div>
  );
}

/** There is no such moment, or it could not be had. */
function Unknown({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useTranslation('past');
  if (error instanceof Refusal && error.code === 'AS_OF_IN_FUTURE') {
    return (
      <Empty icon={Clock} title={t('future')} isAll>
        {t('futureWhy')}
      </Empty>
    );
  }
  return <Failure error={error} retry={retry} />;
}
