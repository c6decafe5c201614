// Why: tiles for what is usual, a field for what is not.
import { CirclePause, PenLine, Siren } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from './Big';
import type { Task } from './core/data';
import { Head } from './Head';
import { TaskName } from './Queue';
import own from './work.module.css';

const REASONS = {
  pause: ['break', 'material', 'tool', 'machine', 'quality', 'urgent', 'shift', 'help'],
  call: ['material', 'machine', 'tool', 'quality', 'setup', 'hand'],
  scrap: ['size', 'surface', 'material', 'setup', 'tool', 'machine'],
  stop: ['breakdown', 'tool', 'jam', 'power', 'quality', 'cleaning'],
} as const;

interface ReasonTilesProps {
  of: keyof typeof REASONS;
  chosen: string;
  choose: (reason: string) => void;
  /** Where a tile is enough. */
  tap?: (reason: string) => void;
}

export function ReasonTiles({ of, chosen, choose, tap }: ReasonTilesProps) {
  const { t } = useTranslation('terminal');
  const texts = REASONS[of].map((reason) => t(`reason.${of}.${reason}` as 'reason.other'));
  const [isOther, setOther] = useState(chosen !== '' && !texts.includes(chosen));
  return (
    <fieldset className={own.choices} aria-label={t('reason.title')}>
      {texts.map((text) => (
        <button
          key={text}
          type="button"
          aria-pressed={!isOther && chosen === text}
          onClick={() => {
            setOther(false);
            choose(text);
            tap?.(text);
          }}
        >
          <strong>{text}</strong>
        </button>
      ))}
      <button
        type="button"
        aria-pressed={isOther}
        onClick={() => {
          setOther(true);
          choose('');
        }}
      >
        <strong>
          <PenLine aria-hidden /> {t('reason.other')}
        </strong>
      </button>
      {isOther && (
        <input
          className={own.other}
          aria-label={t('reason.otherWhat')}
          placeholder={t('reason.otherWhat')}
          value={chosen}
          maxLength={200}
          dir="auto"
          // biome-ignore lint/a11y/noAutofocus: it was just asked for
          autoFocus
          onChange={({ currentTarget: { value } }) => choose(value)}
        />
      )}
    </fieldset>
  );
}

const ASKED = {
  pause: { title: 'pause.title', act: 'act.pause', icon: CirclePause, tone: 'hold' },
  call: { title: 'call.title', act: 'act.call', icon: Siren, tone: 'stop' },
} as const;

interface WhyProps {
  /** Why it is to pause, or what help is called for. */
  of: keyof typeof ASKED;
  task: Task;
  choose: (reason: string) => void;
  back: () => void;
}

export function Why({ of, task, choose, back }: WhyProps) {
  const { t } = useTranslation('terminal');
  const [reason, setReason] = useState('');
  const { title, act, icon, tone } = ASKED[of];
  return (
    <div className={own.task}>
      <Head back={back}>
        {t(title)} <TaskName task={task} />
      </Head>
      <ReasonTiles of={of} chosen={reason} choose={setReason} tap={choose} />
      {reason.trim() !== '' && (
        <div className={own.acts}>
          <Big icon={icon} tone={tone} onClick={() => choose(reason.trim())}>
            {t(act)}
          </Big>
        </div>
      )}
    </div>
  );
}
