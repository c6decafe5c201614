import { Button, CloseButton } from '@mantine/core';
import { Suspense, type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useReason } from '../design/states';
import css from './DoneLine.module.css';
import { type Key, useKeys } from './keys';
import { dismissDone, keepDone, type DoneLine as Line, letDoneGo, useDoneLine } from './undo';

/** One quiet line: what was done, and Undo. */
export function DoneLine() {
  const line = useDoneLine();
  return (
    <div role="status" className={css.place}>
      {line && <Said key={line.at} line={line} />}
    </div>
  );
}

const NONE: readonly Key[] = [];

function Said({ line }: { line: Line }) {
  const { t } = useTranslation('app');
  const [state, setState] = useState<'said' | 'undoing' | { error: unknown }>('said');
  const failed = typeof state === 'object';
  const reason = useReason(failed ? state.error : undefined);
  const action = line.action ?? (line.undo && { name: t('undo.undo'), run: line.undo });
  const close = () => dismissDone(line);
  const run = () => {
    setState('undoing');
    keepDone(line);
    action?.run().then(close, (error: unknown) => setState({ error }));
  };
  useKeys(line.undo && state === 'said' ? [{ keys: 'mod+z', does: t('undo.undo'), run, notTyping: true }] : NONE);
  // Whoever is at it is not hurried.
  const hold = () => keepDone(line);
  const letGo = ({ currentTarget }: SyntheticEvent) => {
    if (state === 'said' && !currentTarget.matches(':hover, :focus-within')) letDoneGo(line);
  };
  const held = { onPointerEnter: hold, onFocus: hold, onPointerLeave: letGo, onBlur: letGo };
  const asked = failed && line.otherwise?.(state.error, close);
  if (asked) return <Suspense>{asked}</Suspense>;
  return (
    <div className={css.line} {...held}>
      <span>{failed ? t('undo.failed', { reason }) : line.said}</span>
      {action && !failed && (
        <Button size="compact-sm" variant="subtle" loading={state === 'undoing'} onClick={run}>
          {action.name}
        </Button>
      )}
      <CloseButton size="sm" aria-label={t('undo.close')} onClick={close} />
    </div>
  );
}
