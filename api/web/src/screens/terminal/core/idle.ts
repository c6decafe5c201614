// For how long nobody has touched anything. A tablet that sleeps stops one of its clocks, and the other may be set: the longer one is right.

export class Idle {
  #touched: { wall: number; steady: number };

  constructor(
    private readonly afterMs: number,
    private readonly wall: () => number = Date.now,
    private readonly steady: () => number = () => performance.now(),
  ) {
    this.#touched = { wall: wall(), steady: steady() };
  }

  /** What is left until whoever was here is not any more, ms. */
  get left(): number {
    const { wall, steady } = this.#touched;
    return this.afterMs - Math.max(this.wall() - wall, this.steady() - steady);
  }

  get isOver(): boolean {
    return this.left <= 0;
  }

  /** Somebody is here. Tells whether that is who was here: a touch that comes too late is another one's. */
  touch(): boolean {
    if (this.isOver) return false;
    this.renew();
    return true;
  }

  renew(): void {
    this.#touched = { wall: this.wall(), steady: this.steady() };
  }
}
