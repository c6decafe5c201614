// How it stands with a call for help, in a word and a sign.
import { BellRing, Footprints, Siren } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Mark } from '../design/Mark';
import type { CallState as State } from './model';

const SIGNS = { escalated: Siren, open: BellRing, answered: Footprints } as const;
const TONES = { escalated: 'late', open: 'risk', answered: 'plain' } as const;

export function CallState({ is, by }: { is: State; by?: string | null }) {
  const { t } = useTranslation('andon');
  return (
    <Mark tone={TONES[is]} icon={SIGNS[is]}>
      {is === 'answered' && by != null ? t('state.answeredBy', { name: by }) : t(`state.${is}`)}
    </Mark>
  );
}
