// What a scanner would type, by the camera of the tablet: a button, and the view that it opens.
import { ScanLine } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Big } from '../Big';
import { isOffered } from './camera';
import { ScanView, type What } from './ScanView';

interface ScanProps {
  what: What;
  /** As a scanner would have typed it. */
  read: (text: string) => void;
}

export function Scan({ what, read }: ScanProps) {
  const { t } = useTranslation('terminal');
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const opener = button.current;
    // Once the view is gone: as long as it is there, nothing behind it takes the focus.
    return () => opener?.focus();
  }, [isOpen]);
  if (!isOffered()) return null;
  return (
    <>
      <Big ref={button} icon={ScanLine} onClick={() => setOpen(true)}>
        {t(`scan.do.${what}`)}
      </Big>
      {isOpen && (
        <ScanView
          what={what}
          read={(text) => {
            // For hands in gloves, who look at the badge and not at the screen.
            navigator.vibrate?.(60);
            setOpen(false);
            read(text);
          }}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}
