import type { JobWhyLateQuery } from '../../api/generated/job';

type Stretch = NonNullable<JobWhyLateQuery['whyLate']>['stretches'][number];

export interface Share {
  cause: Stretch['cause'];
  seconds: number;
  /** What it was about, most of it first: machines, people, tools. */
  places: string[];
  /** The other jobs that were in the way, most of it first. */
  jobs: string[];
}

const placeOf = ({ machine, operator, tool }: Stretch): string | undefined =>
  machine?.code ?? operator?.name ?? operator?.code ?? tool ?? undefined;

class Sums {
  readonly #sums = new Map<string, number>();

  add(name: string | undefined, seconds: number): void {
    if (name !== undefined) this.#sums.set(name, (this.#sums.get(name) ?? 0) + seconds);
  }

  /** The most of it first. */
  names(): string[] {
    return [...this.#sums].sort(([, one], [, other]) => other - one).map(([name]) => name);
  }
}

/** What the time went into, the largest share first. */
export function shares(stretches: readonly Stretch[]): Share[] {
  const causes = new Map<Stretch['cause'], { seconds: number; places: Sums; jobs: Sums }>();
  for (const stretch of stretches) {
    const seconds = (Date.parse(stretch.until) - Date.parse(stretch.from)) / 1_000;
    const share = causes.get(stretch.cause) ?? { seconds: 0, places: new Sums(), jobs: new Sums() };
    share.seconds += seconds;
    share.places.add(placeOf(stretch), seconds);
    share.jobs.add(stretch.otherJob?.code, seconds);
    causes.set(stretch.cause, share);
  }
  return [...causes]
    .map(([cause, { seconds, places, jobs }]) => ({ cause, seconds, places: places.names(), jobs: jobs.names() }))
    .sort((one, other) => other.seconds - one.seconds);
}
