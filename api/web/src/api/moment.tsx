// The moment that the screen is of: none, which is now, or an earlier one (`?at=` in the address).
import { createContext, useContext } from 'react';
import type { Moment } from './as-of';

export interface Past {
  moment: Moment;
  /** What the clocks of the screen show. */
  instant: number;
  /** Up to where history is told; known once it was asked. */
  position?: string;
}

export const PastContext = createContext<Past | undefined>(undefined);

/** The earlier moment that the screen is of, if it is not of now. */
export const usePast = (): Past | undefined => useContext(PastContext);

let lookingBack: string | undefined;

/** Whether commands are refused, and why: nobody changes what was. */
export function setLookingBack(reason: string | undefined): void {
  lookingBack = reason;
}

export const refusedInThePast = (): string | undefined => lookingBack;
