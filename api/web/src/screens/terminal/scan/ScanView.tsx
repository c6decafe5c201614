// The camera over the whole screen: the picture with a frame, what to do, and how to get out. No picture: why, and what helps.
import { CameraOff, Flashlight, Lock, RotateCw, ScanLine, Video, X } from 'lucide-react';
import { type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from '../Big';
import { type Fault, hasLight, setLight } from './camera';
import css from './scan.module.css';
import { useCamera } from './useCamera';

/** What is looked for. */
export type What = 'badge' | 'job' | 'code';

interface ScanViewProps {
  what: What;
  read: (text: string) => void;
  close: () => void;
}

export function ScanView({ what, read, close }: ScanViewProps) {
  const { t } = useTranslation('terminal');
  const dialog = useRef<HTMLDialogElement>(null);
  const [video, frame] = [useRef<HTMLVideoElement>(null), useRef<HTMLDivElement>(null)];
  const [attempt, setAttempt] = useState(0);
  const look = useCamera({ video, frame }, { read, over: close }, attempt);
  const title = useId();
  const cancel = useRef<HTMLButtonElement>(null);
  useModal(dialog, cancel, close);
  const hint = look.is === 'starting' ? t('scan.starting') : look.is === 'seeing' && look.isSlow ? t(`scan.slow.${what}`) : t('scan.hold');
  return (
    <dialog
      ref={dialog}
      className={css.scan}
      aria-labelledby={title}
      // By the gesture of the tablet that goes back.
      onClose={() => {
        if (!dialog.current?.open) close();
      }}
    >
      <header className={css.head}>
        <h2 id={title}>{t(`scan.do.${what}`)}</h2>
        {look.is === 'seeing' && hasLight(look.stream) && <Light stream={look.stream} />}
      </header>
      {look.is === 'fault' ? (
        <NoPicture fault={look.fault} again={() => setAttempt(attempt + 1)} />
      ) : (
        <div className={css.picture} aria-busy={look.is === 'starting'}>
          <video ref={video} muted playsInline aria-hidden="true" tabIndex={-1} data-seeing={look.is === 'seeing' || undefined} />
          <div ref={frame} className={css.frame} aria-hidden="true" />
        </div>
      )}
      <footer className={css.foot}>
        {look.is !== 'fault' && (
          <p role="status" className={css.hint}>
            <ScanLine aria-hidden /> <span>{hint}</span>
          </p>
        )}
        <Big ref={cancel} icon={X} onClick={close}>
          {t('scan.cancel')}
        </Big>
      </footer>
    </dialog>
  );
}

/** Over everything, nothing behind it is reached; Escape goes out, whatever has the focus. */
function useModal(ref: RefObject<HTMLDialogElement | null>, first: RefObject<HTMLElement | null>, close: () => void): void {
  const [latest] = useState(() => ({ close }));
  useEffect(() => {
    latest.close = close;
  });
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    first.current?.focus();
    // Before the keys of the terminal: they would take it for somebody who types.
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopImmediatePropagation();
      latest.close();
    };
    addEventListener('keydown', pressed, { capture: true });
    return () => {
      removeEventListener('keydown', pressed, { capture: true });
      dialog?.close();
    };
  }, [ref, first, latest]);
}

function Light({ stream }: { stream: MediaStream }) {
  const { t } = useTranslation('terminal');
  const [isOn, setOn] = useState(false);
  const turn = () =>
    setLight(stream, !isOn).then(
      () => setOn(!isOn),
      // It was let go meanwhile, or another app has the light: it stays as it is.
      () => undefined,
    );
  return (
    <button type="button" className={css.light} aria-pressed={isOn} onClick={() => void turn()}>
      <Flashlight aria-hidden /> {t('scan.light')}
    </button>
  );
}

const SIGNS = { refused: Lock, none: CameraOff, busy: Video, reader: ScanLine } as const;

function NoPicture({ fault, again }: { fault: Fault; again: () => void }) {
  const { t } = useTranslation('terminal');
  const Sign = SIGNS[fault];
  return (
    <div className={css.none} role="alert">
      <Sign aria-hidden className={css.sign} />
      <h3>{t(`scan.fault.${fault}`)}</h3>
      <p>{t(`scan.why.${fault}`)}</p>
      <Big icon={RotateCw} onClick={again}>
        {t('scan.again')}
      </Big>
    </div>
  );
}
