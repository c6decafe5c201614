// From mark to mark by key. What the line shows may still be on its way, and the next mark may lie beyond it, so keys wait in a row: each
// begins where the one before has led.
import { type RefObject, useRef } from 'react';
import type { Line } from './model';
import type { Place } from './standing';
import { type Mark, nextMark } from './useDensity';

export function useMarks(line: Line, place: RefObject<Place>) {
  const row = useRef<Promise<void>>(Promise.resolve());
  return (direction: 1 | -1, found: (mark: Mark) => void, none: (isKnown: boolean) => void) => {
    row.current = row.current.then(async () => {
      try {
        const mark = await nextMark(line, place.current, direction);
        if (mark === undefined) none(true);
        else found(mark);
      } catch {
        none(false);
      }
    });
  };
}
