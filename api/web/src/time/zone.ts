// Local days as instants. A day has 23 or 25 hours where the clocks are set.

const made = new Map<string, Intl.DateTimeFormat>();

/** By how many milliseconds the zone is ahead of UTC at an instant. */
function aheadOf(instant: number, zone: string): number {
  const options: Intl.DateTimeFormatOptions = {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  };
  const format = made.get(zone) ?? new Intl.DateTimeFormat('en-US', options);
  made.set(zone, format);
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

/** The first instant of the local day that `instant` lies in, `days` days on. */
export function startOfDay(instant: number, zone: string, days = 0): number {
  const local = new Date(instant + aheadOf(instant, zone));
  const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + days);
  const guess = midnight - aheadOf(midnight, zone);
  return midnight - aheadOf(guess, zone);
}
