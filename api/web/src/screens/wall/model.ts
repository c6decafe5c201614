// What the wall shows on which page, from what the API gives: pure, so that tests can hold it.
import type { WallAheadQuery, WallCenterFragment, WallMachineFragment } from '../../api/generated/wall';

type Bar = WallAheadQuery['board']['bars'][number];

/** More on one page can't be read from ten metres. */
export const MOST_TILES = 12;

export interface WallPage {
  /** Areas, or work centers where those have none. */
  titles: string[];
  tiles: { machine: WallMachineFragment; area: string }[];
  /** Of an area that needs more than one. */
  part?: { number: number; of: number };
}

export type Shown = WallMachineFragment['status'];

/** What a machine is doing, as its tile says it: that it can't work goes before that somebody is at it. */
export function shownStatus({ status, atWork: [work] }: WallMachineFragment): Shown {
  if (status === 'DOWN' || status === 'MAINTENANCE' || work === undefined) return status;
  return work.phase === 'SETUP' ? 'SETUP' : 'RUNNING';
}

/** Since when it does that. */
export function shownSince(machine: WallMachineFragment): string {
  const [work] = machine.atWork;
  const isAtWork = shownStatus(machine) === 'RUNNING' || shownStatus(machine) === 'SETUP';
  return (isAtWork && work?.since) || machine.since;
}

const sameText = (one: string, other: string): boolean => one.localeCompare(other, undefined, { sensitivity: 'base' }) === 0;

/** As even as can be: 14 machines are seven and seven, not twelve and two. */
function split<Item>(items: readonly Item[], most: number): Item[][] {
  const parts = Math.ceil(items.length / most);
  const size = Math.ceil(items.length / Math.max(1, parts));
  return Array.from({ length: parts }, (_, at) => items.slice(at * size, (at + 1) * size));
}

type Tile = WallPage['tiles'][number];

/** Areas that are named have pages of their own; else small ones share a page. */
function pagesOfGroups(groups: readonly (readonly [string, Tile[]])[], most: number, isNamed: boolean): WallPage[] {
  const pages: WallPage[] = [];
  for (const [title, tiles] of groups) {
    const last = pages.at(-1);
    if (!isNamed && last && last.part === undefined && last.tiles.length + tiles.length <= most) {
      last.titles.push(title);
      last.tiles.push(...tiles);
      continue;
    }
    const parts = split(tiles, most);
    parts.forEach((part, at) => {
      pages.push({ titles: [title], tiles: part, ...(parts.length > 1 && { part: { number: at + 1, of: parts.length } }) });
    });
  }
  return pages;
}

/**
 * Pages by area, or by work center where that has none. Machines keep their places: who looks up every day knows where to look. `wanted`
 * names areas or work centers in the order in which they are shown; what is named and not there is left out.
 */
export function pagesOf(
  machines: readonly WallMachineFragment[],
  centers: readonly WallCenterFragment[],
  wanted: readonly string[] = [],
  most = MOST_TILES,
): WallPage[] {
  const centerOf = new Map(centers.map((center) => [center.id, center]));
  const inOrder = machines.filter(({ status }) => status !== 'RETIRED').toSorted((one, other) => one.code.localeCompare(other.code));
  const tiles = inOrder.map((machine): Tile & { center: WallCenterFragment | undefined } => {
    const center = centerOf.get(machine.workCenter.id);
    return { machine, center, area: center?.area ?? center?.name ?? '–' };
  });
  if (wanted.length === 0) {
    const areas = [...new Set(tiles.map(({ area }) => area))].sort((one, other) => one.localeCompare(other));
    const sorted = areas.map((area) => [area, tiles.filter((tile) => tile.area === area)] as const);
    return pagesOfGroups(sorted, most, false);
  }
  const named = wanted.flatMap((name) => {
    const found = tiles.filter(({ center }) =>
      [center?.area, center?.name, center?.code].some((one) => one != null && sameText(one, name)),
    );
    const [first] = found;
    if (first === undefined) return [];
    // As it is spelled, not as it was typed.
    const title = sameText(first.area, name) ? first.area : (first.center?.name ?? name);
    return [[title, found] as const];
  });
  return pagesOfGroups(named, most, true);
}

/** What is planned next on each machine. */
export function nextOf(bars: readonly Bar[]): Map<string, Bar> {
  const next = new Map<string, Bar>();
  for (const bar of bars) {
    if (bar.machine == null || bar.over || bar.status !== 'WAITING') continue;
    const known = next.get(bar.machine.id);
    if (known === undefined || Date.parse(bar.start) < Date.parse(known.start)) next.set(bar.machine.id, bar);
  }
  return next;
}

/** Which page is on: by the clock, so that a wall that was started anew, and the one beside it, show the same. */
export const pageAt = (now: number, everySeconds: number, pages: number): number =>
  pages === 0 ? 0 : Math.floor(now / 1_000 / everySeconds) % pages;

/** Columns and rows for so many tiles, wider than high as tiles are. */
export function gridOf(tiles: number, aspect: number): { columns: number; rows: number } {
  const columns = Math.min(tiles, Math.max(1, Math.round(Math.sqrt((tiles * aspect) / 1.5))));
  return { columns: Math.max(1, columns), rows: Math.max(1, Math.ceil(tiles / Math.max(1, columns))) };
}

const DAY_MS = 86_400_000;

/** Once a night, in the hour after four, a wall that has hung for most of a day begins anew: with the app as it is now. */
export const isTimeToRenew = (startedAt: number, now: number, hourHere: number): boolean =>
  hourHere === 4 && now - startedAt > DAY_MS * 0.8;
