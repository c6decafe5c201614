import { Kbd, Modal } from '@mantine/core';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/ScrollArea.layer.css';
import '@mantine/core/styles/Kbd.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import { useTranslation } from 'react-i18next';
import css from './KeysHelp.module.css';
import { areSingleOn, turnSingle, useBoundKeys } from './keys';

/** A plus alone is a key itself. */
const BETWEEN = /(?<=.)\+(?=.)/;

/** The keys of this screen. */
export default function KeysHelp({ close }: { close: () => void }) {
  const { t } = useTranslation('app');
  const modifier = /Mac|iP/.test(navigator.platform) ? '⌘' : 'Ctrl';
  return (
    <Modal
      opened
      onClose={close}
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('keys.close') }}
      transitionProps={{ duration: 80 }}
    >
      <dl className={css.keys}>
        {useBoundKeys().map(({ keys, does }) => (
          <div key={keys + does}>
            <dt>
              {keys.split(BETWEEN).map((key) => (
                <Kbd key={key}>{key === 'mod' ? modifier : key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label>
        <input type="checkbox" defaultChecked={areSingleOn()} onChange={(event) => turnSingle(event.currentTarget.checked)} />{' '}
        {t('keys.single')}
      </label>
    </Modal>
  );
}
