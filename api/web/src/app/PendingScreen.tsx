import css from '../design/Page.module.css';
import { SkeletonRows } from '../design/states';

/** A screen whose code is on its way. */
export function PendingScreen() {
  return (
    <div className={css.page}>
      <SkeletonRows rows={8} />
    </div>
  );
}
