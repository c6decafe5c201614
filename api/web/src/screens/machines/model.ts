// The floor by area and work center, and tables of changeovers as they are typed. Pure.
import type { CenterMoreQuery, FloorCenterFragment, FloorMachineFragment, SetChangeoversInput } from '../../api/generated/machines';

export type Machine = FloorMachineFragment;
export type Center = FloorCenterFragment;

export interface CenterOfFloor {
  center: Center;
  machines: Machine[];
}

export interface Area {
  /** Nothing where nobody has said. */
  name: string | null;
  centers: CenterOfFloor[];
}

const byCode = (one: { code: string }, other: { code: string }) => one.code.localeCompare(other.code, undefined, { numeric: true });

/** Areas by name, those without one last; in them work centers and machines by code. */
export function floorOf(centers: readonly Center[], machines: readonly Machine[]): Area[] {
  const areas = new Map<string | null, Area>();
  for (const center of [...centers].sort(byCode)) {
    const area = areas.get(center.area) ?? { name: center.area, centers: [] };
    area.centers.push({ center, machines: machines.filter(({ workCenter }) => workCenter.id === center.id).sort(byCode) });
    areas.set(center.area, area);
  }
  return [...areas.values()].sort((one, other) =>
    one.name === null || other.name === null ? Number(one.name === null) - Number(other.name === null) : one.name.localeCompare(other.name),
  );
}

/** Rows with news in their places; what is new comes at the end. */
export const withRows = <Row extends { id: string }>(rows: readonly Row[], news: readonly Row[]): Row[] => [
  ...rows.map((row) => news.find(({ id }) => id === row.id) ?? row),
  ...news.filter(({ id }) => !rows.some((row) => row.id === id)),
];

export interface Table {
  families: string[];
  /** Minutes as typed, by "from\nto"; what is empty takes the usual time. */
  minutes: Record<string, string>;
  usual: string;
}

type Changeovers = NonNullable<CenterMoreQuery['workCenter']>['changeovers'];

export const cellOf = (from: string, to: string): string => `${from}\n${to}`;
const typed = (seconds: number): string => String(Math.round((seconds / 60) * 100) / 100);

export function tableOf(changeovers: Changeovers): Table {
  const table = changeovers?.table ?? [];
  return {
    families: [...new Set(table.flatMap(({ from, to }) => [from, to]))].sort((one, other) => one.localeCompare(other)),
    minutes: Object.fromEntries(table.map(({ from, to, seconds }) => [cellOf(from, to), typed(seconds)])),
    usual: typed(changeovers?.defaultSeconds ?? 0),
  };
}

const secondsOf = (minutes: string): number | undefined => {
  const amount = Number(minutes.trim().replace(',', '.'));
  return minutes.trim() === '' || Number.isNaN(amount) || amount < 0 ? undefined : Math.round(amount * 60);
};

/** Whether what stands in a cell is a time or nothing. */
export const isTime = (minutes: string): boolean => minutes.trim() === '' || secondsOf(minutes) !== undefined;

export const withFamily = (table: Table, family: string): Table =>
  family === '' || table.families.includes(family)
    ? table
    : { ...table, families: [...table.families, family].sort((one, other) => one.localeCompare(other)) };

/**
 * As the API takes it. A family counts only where it is named: one whose cells are all empty is named with the usual time, so that it does
 * not get lost.
 */
export function changeoversOf({ families, minutes, usual }: Table): Pick<SetChangeoversInput, 'changeovers' | 'defaultSeconds'> {
  const defaultSeconds = secondsOf(usual) ?? 0;
  const pairs = families.flatMap((from) => families.filter((to) => to !== from).map((to) => ({ from, to })));
  const said = pairs.flatMap(({ from, to }) => {
    const seconds = secondsOf(minutes[cellOf(from, to)] ?? '');
    return seconds === undefined ? [] : [{ from, to, seconds }];
  });
  const named = new Set(said.flatMap(({ from, to }) => [from, to]));
  const others = families.flatMap((family) => {
    const to = families.find((one) => one !== family);
    return named.has(family) || to === undefined ? [] : [{ from: family, to, seconds: defaultSeconds }];
  });
  const all = new Map([...others, ...said].map((one) => [cellOf(one.from, one.to), one]));
  return { changeovers: [...all.values()], defaultSeconds };
}
