// What stands in fields for dates and times: the clock on the wall of the company.
import { zoneOf } from './zone';

/** "2026-11-23T14:30" for `datetime-local`. */
export const toField = (at: number | string, zone: string): string =>
  new Date(zoneOf(zone).wall(typeof at === 'string' ? Date.parse(at) : at)).toISOString().slice(0, 16);

/** The instant that a field of `datetime-local` says; nothing where it says none. */
export function fromField(text: string, zone: string): number | undefined {
  const wall = Date.parse(`${text}:00Z`);
  return text.length < 16 || Number.isNaN(wall) ? undefined : zoneOf(zone).instant(wall);
}

/** The same for the API. What was not touched is sent as it came: the field knows neither seconds nor which of two hours with one name it is. */
export function instantOf(text: string, zone: string, came?: string | null): string | undefined {
  if (came != null && text === toField(came, zone)) return came;
  const at = fromField(text, zone);
  return at === undefined ? undefined : new Date(at).toISOString();
}

/** The first instant of a day, `days` days on. */
export const fromDay = (day: string, zone: string, days = 0): number =>
  zoneOf(zone).instant(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000);
