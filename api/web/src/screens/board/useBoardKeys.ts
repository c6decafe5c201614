// The keys of the board as `?` tells them: the board hears them itself while it has the focus (../../board/keys.ts).
import { useTranslation } from 'react-i18next';
import { type ToldKey, useToldKeys } from '../../app/keys';

const NONE: readonly ToldKey[] = [];

export function useBoardKeys(isBoard: boolean, mayMove: boolean): void {
  const { t } = useTranslation('board');
  const [arrows, shift, enter] = ['← ↑ → ↓', t('keys.shift'), t('keys.enter')];
  const seen: ToldKey[] = [
    { keys: arrows, does: t('keys.go') },
    { keys: `${shift}+${arrows}`, does: t('keys.more') },
    { keys: enter, does: t('keys.open') },
    { keys: '+', does: t('toolbar.in') },
    { keys: '−', does: t('toolbar.out') },
    { keys: t('keys.page'), does: t('keys.pan') },
    { keys: `${shift}+${t('keys.mouse')}`, does: t('keys.lasso') },
  ];
  const moved: ToldKey[] = [
    { keys: `Alt+${arrows}`, does: t('keys.move') },
    { keys: `Alt+${shift}+← →`, does: t('keys.day') },
    { keys: enter, does: t('keys.drop') },
    { keys: 'Esc', does: t('keys.leave') },
    { keys: 'm', does: t('keys.to') },
    { keys: 'p', does: t('keys.pin') },
    { keys: t('keys.delete'), does: t('keys.out') },
  ];
  useToldKeys(isBoard ? [...seen, ...(mayMove ? moved : NONE)] : NONE);
}
