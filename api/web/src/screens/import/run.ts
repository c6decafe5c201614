// An import on its way: batch after batch, waiting where the server asks to, going on after a lost connection, stopped when somebody says so.
import { ask, Refusal, Unreachable } from '../../api/query';
import { documentOf, type Numbered } from './commands';

/** What is to be asked for: how much of it there is, and batch after batch. */
export interface Asked {
  all: number;
  batches: AsyncIterable<Numbered[]>;
}

interface Answered {
  appended: number;
  userErrors: { code: string; field?: string | null; message: string }[];
}

export interface Refused {
  command: Numbered;
  code: string;
  message: string;
}

export interface Progress {
  all: number;
  /** Asked and answered, refused ones too. */
  done: number;
  /** Done before, by an import that stopped. */
  known: number;
  refused: Refused[];
  /** Until when it waits, where it has to. */
  waitsUntil?: number;
  /** Nobody answers. */
  isAway: boolean;
}

export interface Running {
  signal: AbortSignal;
  tell: (progress: Progress) => void;
  /** What asks; tests have another one. */
  send?: (batch: Numbered[], signal: AbortSignal) => Promise<Answered[]>;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const AWAY_MS = 2_000;
const WAIT_S = 15;
/** What is over after a while: a limit, a server that starts or has much to do. */
const PASSES = ['RATE_LIMITED', 'UNAVAILABLE', 'TIMEOUT', 'REQUEST_TIMEOUT'];

async function send(batch: Numbered[], signal: AbortSignal): Promise<Answered[]> {
  const { document, variables } = documentOf(batch);
  const answers = await ask<Record<string, Answered>, Record<string, object>>(document, variables, signal);
  return batch.map((_, at) => answers[`c${at}`] ?? { appended: 0, userErrors: [{ code: 'INTERNAL', message: 'there was no answer' }] });
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((over) => {
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      over();
    });
  });

/** Runs all of it, or until it is stopped. What was done stays, and is known when it is asked for again. */
export async function run({ all, batches }: Asked, { signal, tell, send: asks = send, pause: rests = pause }: Running): Promise<Progress> {
  let progress: Progress = { all, done: 0, known: 0, refused: [], isAway: false };
  const say = (change: Partial<Progress>) => {
    progress = { ...progress, ...change };
    tell(progress);
  };
  say({});
  for await (const batch of batches) {
    for (let isAnswered = false; !isAnswered && !signal.aborted; ) {
      try {
        const answers = await asks(batch, signal);
        isAnswered = true;
        const refused = answers.flatMap(({ userErrors: [error] }, at) => {
          const command = batch[at];
          return error === undefined || command === undefined ? [] : [{ command, code: error.code, message: error.message }];
        });
        const known = answers.filter(({ appended, userErrors }) => appended === 0 && userErrors.length === 0).length;
        say({
          done: progress.done + batch.length,
          known: progress.known + known,
          refused: [...progress.refused, ...refused],
          waitsUntil: undefined,
          isAway: false,
        });
      } catch (error) {
        if (signal.aborted) break;
        const seconds = secondsToWait(error);
        say({ waitsUntil: error instanceof Unreachable ? undefined : Date.now() + seconds * 1_000, isAway: error instanceof Unreachable });
        await rests(error instanceof Unreachable ? AWAY_MS : seconds * 1_000, signal);
      }
    }
    if (signal.aborted) break;
  }
  return progress;
}

/** What is not to be waited for is thrown on. */
function secondsToWait(error: unknown): number {
  if (error instanceof Unreachable) return AWAY_MS / 1_000;
  if (error instanceof Refusal && PASSES.includes(error.code)) return Math.max(1, error.waitSeconds ?? WAIT_S);
  throw error;
}
