// Wall clocks of a zone. Days have 23 or 25 hours twice a year; whatever goes by the clock on the wall asks here. It knows no React.
const QUARTER = 15 * 60_000;
const DAY = 86_400_000;

export class Zone {
  readonly #format: Intl.DateTimeFormat;
  /** Clocks change on whole quarters of an hour: one answer holds for all of one. */
  readonly #offsets = new Map<number, number>();

  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What is added to the instant to read the clock on the wall. */
  offset(at: number): number {
    const quarter = Math.floor(at / QUARTER);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(quarter * QUARTER)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter * QUARTER;
    this.#offsets.set(quarter, offset);
    return offset;
  }

  /** The clock on the wall, as if it were UTC. */
  wall(at: number): number {
    return at + this.offset(at);
  }

  /** When the wall shows this. An hour that is left out counts as the hour after it; of an hour that comes twice it is the first. */
  instant(wall: number): number {
    const before = wall - this.offset(wall - DAY);
    const after = wall - this.offset(wall + DAY);
    const fits = [before, after].filter((at) => this.wall(at) === wall);
    return fits.length > 0 ? Math.min(...fits) : before;
  }

  dayStart(at: number): number {
    return this.instant(Math.floor(this.wall(at) / DAY) * DAY);
  }

  /** The same time of the clock so many days on. */
  addDays(at: number, days: number): number {
    return this.instant(this.wall(at) + days * DAY);
  }

  /** The nearest mark of the clock, each `step` on from midnight; the hour that comes twice has its marks twice. */
  round(at: number, step: number): number {
    const offset = this.offset(at);
    const wall = Math.round((at + offset) / step) * step;
    const near = wall - offset;
    // Across a change of clocks it may be a mark of the other clock.
    if (this.wall(near) % step === 0) return near;
    const beyond = wall - this.offset(near);
    return this.offset(beyond) === this.offset(near) ? beyond : near;
  }
}

const known = new Map<string, Zone>();

/** The zone of this name: what it has found out serves all who ask. */
export function zoneOf(name: string): Zone {
  const zone = known.get(name) ?? new Zone(name);
  known.set(name, zone);
  return zone;
}

/** The first instant of the local day that `instant` lies in, `days` days on. */
export function startOfDay(instant: number, name: string, days = 0): number {
  const zone = zoneOf(name);
  return zone.instant((Math.floor(zone.wall(instant) / DAY) + days) * DAY);
}
