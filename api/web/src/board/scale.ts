// Between time and pixels: zoom at a point, and where the marks of the axis are.

import type { Zone } from '../time/zone';
import { DAY, HOUR, MINUTE, type View } from './types';

/** From a minute a pixel and finer to ten weeks on a screen: of no more at once is known when people and machines work. */
export const FINEST = 2_000;
export const MOST_SEEN = 70 * DAY;

export const xOf = (view: View, at: number): number => (at - view.from) / view.msPerPx;
export const timeAt = (view: View, x: number): number => view.from + x * view.msPerPx;

/** What is under `x` stays under it. */
export function zoomAt(view: View, x: number, factor: number, width: number): View {
  const msPerPx = Math.min(MOST_SEEN / Math.max(1, width), Math.max(FINEST, view.msPerPx * factor));
  return { ...view, msPerPx, from: timeAt(view, x) - x * msPerPx };
}

export interface Tick {
  at: number;
  /** A new day, or with `day` a new month: drawn stronger. */
  major: boolean;
  by: 'hour' | 'day' | 'week' | 'month';
}

const STEPS = [5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR];

/** Marks at least `room` pixels from each other, by the clock on the wall. */
export function ticks(view: View, width: number, zone: Zone, room = 64): Tick[] {
  const until = timeAt(view, width);
  const step = STEPS.find((one) => one / view.msPerPx >= room);
  if (step !== undefined) return hourTicks(view.from, until, step, zone);
  if (DAY / view.msPerPx >= room * 0.6) return dayTicks(view.from, until, 1, zone);
  return DAY / view.msPerPx >= room / 7 ? dayTicks(view.from, until, 7, zone) : monthTicks(view.from, until, zone);
}

function hourTicks(from: number, until: number, step: number, zone: Zone): Tick[] {
  const found: Tick[] = [];
  for (let day = zone.dayStart(from); day < until; day = zone.addDays(day, 1)) {
    const wall = zone.wall(day);
    for (let past = 0; past < DAY; past += step) {
      const at = zone.instant(wall + past);
      // The hour that is left out in spring has no mark.
      if (at >= from && at < until && zone.wall(at) === wall + past) found.push({ at, major: past === 0, by: 'hour' });
    }
  }
  return found;
}

/** 4 January 1970 is a Sunday: weeks begin on the Monday after. */
const weekdayOf = (wall: number): number => (Math.floor(wall / DAY) + 3) % 7;

function dayTicks(from: number, until: number, every: 1 | 7, zone: Zone): Tick[] {
  const found: Tick[] = [];
  for (let day = zone.dayStart(from); day < until; day = zone.addDays(day, 1)) {
    const weekday = weekdayOf(zone.wall(day));
    if (every === 7 && weekday !== 0) continue;
    if (day >= from)
      found.push({ at: day, major: every === 1 ? weekday === 0 : isFirst(zone.wall(day)), by: every === 1 ? 'day' : 'week' });
  }
  return found;
}

const isFirst = (wall: number): boolean => new Date(wall).getUTCDate() <= 7;

function monthTicks(from: number, until: number, zone: Zone): Tick[] {
  const found: Tick[] = [];
  const first = new Date(zone.wall(from));
  for (let month = first.getUTCMonth(); ; month += 1) {
    const wall = Date.UTC(first.getUTCFullYear(), month, 1);
    const at = zone.instant(wall);
    if (at >= until) return found;
    if (at >= from) found.push({ at, major: new Date(wall).getUTCMonth() === 0, by: 'month' });
  }
}

/** How finely something dragged moves: the finest step that is at least six pixels. */
export function snapStep(msPerPx: number): number {
  const steps = [MINUTE, 5 * MINUTE, ...STEPS.slice(1), DAY];
  return steps.find((step) => step / msPerPx >= 6) ?? DAY;
}

/** To an edge where one is within `reach` pixels, else to the clock. */
export function snap(at: number, edges: readonly number[], view: View, zone: Zone, reach = 7): number {
  let [best, distance] = [Number.NaN, reach * view.msPerPx];
  for (const edge of edges) {
    if (Math.abs(edge - at) <= distance) [best, distance] = [edge, Math.abs(edge - at)];
  }
  return Number.isNaN(best) ? zone.round(at, snapStep(view.msPerPx)) : best;
}
