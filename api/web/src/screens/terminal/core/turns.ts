// One pass at a time; who asks for one meanwhile has it done once more. The next one comes by itself.

export class Turns {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  constructor(private readonly pass: () => Promise<void>) {}

  readonly take = (): Promise<void> => {
    if (this.#running === undefined) return this.#begun();
    this.#queued ??= this.#running.then(() => {
      this.#queued = undefined;
      return this.#begun();
    });
    return this.#queued;
  };

  #begun(): Promise<void> {
    this.stop();
    const running = this.pass().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  next(ms: number): void {
    this.stop();
    this.#timer = setTimeout(() => void this.take(), ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
