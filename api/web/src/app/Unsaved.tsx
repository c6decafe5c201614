// What somebody has typed or changed and not saved: whoever is about to leave it is asked first. What is kept as a draft needs no question.
import { Button, Modal } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import { useBlocker } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import form from '../design/form.module.css';

interface Place {
  pathname: string;
  search: object;
}

/** Whether another place leaves what is unsaved behind. */
export type Leaves = (from: Place, to: Place) => boolean;

/** The moment that a screen shows: at another one it begins anew. */
const momentIn = (search: object): unknown => ('at' in search ? search.at : undefined);

const elsewhere: Leaves = (from, to) => from.pathname !== to.pathname || momentIn(from.search) !== momentIn(to.search);

/** What an address names beside the screen and the job that is open beside it, in whatever order. */
const thingIn = (search: object): string =>
  JSON.stringify(
    Object.entries(search)
      .filter(([name, value]) => name !== 'job' && value !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );

/** For what belongs to one thing of a list: another one leaves it too. A job opened beside does not. */
export const leavesThing: Leaves = (from, to) => from.pathname !== to.pathname || thingIn(from.search) !== thingIn(to.search);

interface UnsavedProps {
  /** Whether there is anything that would be lost. */
  is: boolean;
  leaves?: Leaves;
}

/** Stands beside what can be lost: asks before a link, Back or a reload takes it. */
export function Unsaved({ is, leaves = elsewhere }: UnsavedProps) {
  const { status, proceed, reset } = useBlocker({
    // What the app puts into the address by itself leads nowhere else.
    shouldBlockFn: ({ current, next, action }) => is && action !== 'REPLACE' && leaves(current, next),
    enableBeforeUnload: () => is,
    withResolver: true,
  });
  return status === 'blocked' ? <Leave stay={reset} leave={proceed} /> : null;
}

/** The question itself. */
export function Leave({ stay, leave }: { stay: () => void; leave: () => void }) {
  const { t } = useTranslation('design');
  return (
    <Modal
      opened
      onClose={stay}
      title={t('unsaved.title')}
      closeButtonProps={{ 'aria-label': t('unsaved.stay') }}
      transitionProps={{ duration: 120 }}
    >
      <div className={form.form}>
        <p>{t('unsaved.why')}</p>
        <div className={form.buttons}>
          <Button variant="default" color="red" onClick={leave}>
            {t('unsaved.leave')}
          </Button>
          <Button onClick={stay} data-autofocus>
            {t('unsaved.stay')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
