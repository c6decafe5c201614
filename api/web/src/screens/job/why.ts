import type { JobWhyLateQuery } from '../../api/generated/job';

type Stretch = NonNullable<JobWhyLateQuery['whyLate']>['stretches'][number];

export interface Share {
  cause: Stretch['cause'];
  seconds: number;
  /** What it was about, most of it first: machines, people, tools, other jobs. */
  about: string[];
}

const aboutOf = ({ otherJob, machine, operator, tool }: Stretch): string | undefined =>
  otherJob?.code ?? machine?.code ?? operator?.name ?? operator?.code ?? tool ?? undefined;

/** What the time went into, the largest share first. */
export function shares(stretches: readonly Stretch[]): Share[] {
  const causes = new Map<Stretch['cause'], { seconds: number; about: Map<string, number> }>();
  for (const stretch of stretches) {
    const seconds = (Date.parse(stretch.until) - Date.parse(stretch.from)) / 1_000;
    const share = causes.get(stretch.cause) ?? { seconds: 0, about: new Map<string, number>() };
    const about = aboutOf(stretch);
    share.seconds += seconds;
    if (about !== undefined) share.about.set(about, (share.about.get(about) ?? 0) + seconds);
    causes.set(stretch.cause, share);
  }
  return [...causes]
    .map(([cause, { seconds, about }]) => ({
      cause,
      seconds,
      about: [...about].sort(([, one], [, other]) => other - one).map(([what]) => what),
    }))
    .sort((one, other) => other.seconds - one.seconds);
}
