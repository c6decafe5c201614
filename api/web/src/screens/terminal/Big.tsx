// Buttons that a glove hits.
import clsx from 'clsx';
import type { LucideIcon } from 'lucide-react';
import { type ComponentProps, createContext, type ReactNode, use } from 'react';
import css from './terminal.module.css';

/** Whether something was just done: what the second half of a double tap would hit is not meant. */
export const QuietContext = createContext(false);

interface BigProps extends ComponentProps<'button'> {
  icon?: LucideIcon;
  tone?: 'go' | 'hold' | 'end' | 'stop' | 'plain';
  children: ReactNode;
}

export function Big({ icon: Icon, tone = 'plain', children, className, onClick, ...rest }: BigProps) {
  const isQuiet = use(QuietContext);
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={isQuiet || undefined}
      onClick={isQuiet ? undefined : onClick}
      className={clsx(css.big, css[tone], className)}
    >
      {Icon && <Icon aria-hidden />}
      <span>{children}</span>
    </button>
  );
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

interface KeypadProps {
  press: (key: string) => void;
  label: string;
  /** What stands left of the nought. */
  corner?: ReactNode;
  back: string;
  className?: string;
}

/** Digits, and one to take the last away. */
export function Keypad({ press, label, corner, back, className }: KeypadProps) {
  return (
    // A finger takes no focus: Enter of a keyboard would press the digit again.
    <fieldset className={clsx(css.keypad, className)} aria-label={label} onMouseDown={(event) => event.preventDefault()}>
      {DIGITS.map((digit) => (
        <button key={digit} type="button" onClick={() => press(digit)}>
          {digit}
        </button>
      ))}
      {corner ?? <span />}
      <button type="button" onClick={() => press('0')}>
        0
      </button>
      <button type="button" aria-label={back} onClick={() => press('Backspace')}>
        ⌫
      </button>
    </fieldset>
  );
}
