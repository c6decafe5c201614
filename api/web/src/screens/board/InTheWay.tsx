// What stands in the way of a change of the plan, in words: what does not go together, and what has moved meanwhile.
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { InTheWay as What } from '../../api/post';
import { Refusal } from '../../api/query';
import { useReason } from '../../design/states';
import css from './board.module.css';
import { Notice } from './Notice';
import { named } from './undo';
import { useClash } from './words';

const MOST = 8;

export function InTheWay({ of }: { of: What | undefined }) {
  const { t } = useTranslation('board');
  const clash = useClash();
  if (of === undefined) return null;
  const clashes = [...new Set(of.conflicts.map(clash))];
  const { first, more } = named(of.operations, MOST);
  return (
    <>
      {clashes.length > 0 && (
        <ul className={css.clashes}>
          {clashes.slice(0, MOST).map((one) => (
            <li key={one}>
              <TriangleAlert size={14} aria-hidden /> {one}
            </li>
          ))}
          {clashes.length > MOST && <li className="muted">{t('conflict.more', { count: clashes.length - MOST })}</li>}
        </ul>
      )}
      {first !== '' && (
        <p className="muted">
          {first}
          {more > 0 && `, ${t('conflict.more', { count: more })}`}
        </p>
      )}
    </>
  );
}

/** Why a command was not done, with what is in its way. */
export function Why({ error }: { error: unknown }) {
  const said = useReason(error);
  return (
    <>
      <Notice>{said}</Notice>
      {error instanceof Refusal && <InTheWay of={error.inTheWay} />}
    </>
  );
}
