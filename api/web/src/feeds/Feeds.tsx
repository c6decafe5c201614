// Calendar feeds of a machine or a person: what is planned there, in the calendar app that people have already. The address of a feed is
// secret and shown once.
import { Button, Checkbox } from '@mantine/core';
import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import { useQuery } from '@tanstack/react-query';
import { CalendarPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CalendarFeedsDocument, MakeCalendarFeedDocument, RevokeCalendarFeedDocument } from '../api/generated/feeds';
import { usePast } from '../api/moment';
import { ask, Refusal } from '../api/query';
import { useMay } from '../api/session';
import { useDo } from '../api/useDo';
import { FormDialog } from '../app/FormDialog';
import { Secret } from '../design/Secret';
import { useReason } from '../design/states';
import { When } from '../design/values';
import css from './feeds.module.css';
import { type Feed, type FeedOf, feedsOf, nameOf, wishOf } from './model';

const FEEDS = ['feeds'];

export function Feeds({ of }: { of: FeedOf }) {
  const { t } = useTranslation('feeds');
  const past = usePast();
  const [asked, setAsked] = useState<'make' | { address: string } | { revoke: Feed }>();
  // They are of now only.
  const query = useQuery({
    queryKey: FEEDS,
    queryFn: ({ signal }) => ask(CalendarFeedsDocument, {}, signal),
    enabled: past === undefined,
  });
  const reason = useReason(query.error ?? undefined);
  if (past !== undefined) return null;
  const feeds = query.data && feedsOf(query.data.calendarFeeds, of);
  const close = () => setAsked(undefined);
  return (
    <section className={css.feeds}>
      <h3>{t('title')}</h3>
      <p className="muted">{'machine' in of ? t('whatMachine') : t('whatPerson')}</p>
      {query.error && <p role="alert">{reason}</p>}
      {feeds !== undefined && feeds.length > 0 && (
        <ul>
          {feeds.map((feed) => (
            <li key={feed.id}>
              <span>
                {t('made')} <When at={feed.made} />
                {feed.withCustomers && <span className="muted"> · {t('withCustomers')}</span>}
              </span>
              <Button size="compact-sm" variant="default" onClick={() => setAsked({ revoke: feed })}>
                {t('revoke')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Button size="compact-sm" variant="default" leftSection={<CalendarPlus size={14} aria-hidden />} onClick={() => setAsked('make')}>
        {t('make')}
      </Button>
      {asked === 'make' && (
        <Make of={of} made={(address) => setAsked({ address })} close={() => setAsked((now) => (now === 'make' ? undefined : now))} />
      )}
      {typeof asked === 'object' && 'address' in asked && <Address of={of} address={asked.address} close={close} />}
      {typeof asked === 'object' && 'revoke' in asked && <Revoke of={of} feed={asked.revoke} close={close} />}
    </section>
  );
}

/** The form; what it has made is shown by who asked for it: the form is gone by then. */
function Make({ of, made, close }: { of: FeedOf; made: (address: string) => void; close: () => void }) {
  const { t } = useTranslation('feeds');
  const mayTell = useMay()('PLAN_WORK');
  const [withCustomers, setWith] = useState(false);
  const make = useDo(MakeCalendarFeedDocument, FEEDS);
  return (
    <FormDialog
      title={t('makeOf', { name: nameOf(of) })}
      name={t('make')}
      submit={() =>
        make.mutateAsync(wishOf(of, withCustomers)).then(({ makeCalendarFeed: answer }) => {
          if (answer?.address == null) throw new Refusal('NOT_FOUND', 'there is no such command for you');
          made(answer.address);
        })
      }
      close={close}
    >
      <p>{t('who')}</p>
      {mayTell && (
        <Checkbox
          label={t('tellCustomers')}
          description={t('tellCustomersWhy')}
          checked={withCustomers}
          onChange={({ currentTarget: { checked } }) => setWith(checked)}
        />
      )}
    </FormDialog>
  );
}

function Address({ of, address, close }: { of: FeedOf; address: string; close: () => void }) {
  const { t } = useTranslation('feeds');
  return (
    <FormDialog
      title={t('addressOf', { name: nameOf(of) })}
      name={t('kept')}
      submit={() => Promise.resolve()}
      close={close}
      size="lg"
      tells
    >
      <p>{t('once')}</p>
      <Secret text={address} />
      <ul className={css.ways}>
        <li>{t('google')}</li>
        <li>{t('outlook')}</li>
        <li>{t('apple')}</li>
      </ul>
    </FormDialog>
  );
}

function Revoke({ of, feed, close }: { of: FeedOf; feed: Feed; close: () => void }) {
  const { t } = useTranslation('feeds');
  const revoke = useDo(RevokeCalendarFeedDocument, FEEDS, () => t('revoked', { name: nameOf(of) }));
  return (
    <FormDialog
      title={t('revokeOf', { name: nameOf(of) })}
      name={t('revoke')}
      submit={() => revoke.mutateAsync({ feedId: feed.id })}
      close={close}
      danger
    >
      <p>{t('sure')}</p>
    </FormDialog>
  );
}
