// What the board says to who does not see it, written into its place on the page without React: a drag says something at each step.
import { type RefObject, useEffect, useMemo, useRef } from 'react';

/** So long a proposal has to stand before it is said: who drags hears where it rests, not where it came past. */
export const REST_MS = 350;

export interface Speaker {
  /** At once, in place of what was said. */
  say: (words: string) => void;
  /** Once nothing else is said for a while. */
  sayAtRest: (words: () => string) => void;
}

export function speakerOf(place: RefObject<HTMLElement | null>): Speaker & { stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const say = (words: string) => {
    stop();
    if (place.current && place.current.textContent !== words) place.current.textContent = words;
  };
  const sayAtRest = (words: () => string) => {
    stop();
    timer = setTimeout(() => say(words()), REST_MS);
  };
  return { say, sayAtRest, stop };
}

/** The place is an element that React gives no children. */
export function useSpoken(): { place: RefObject<HTMLDivElement | null>; speaker: Speaker } {
  const place = useRef<HTMLDivElement>(null);
  const speaker = useMemo(() => speakerOf(place), []);
  useEffect(() => speaker.stop, [speaker]);
  return { place, speaker };
}
