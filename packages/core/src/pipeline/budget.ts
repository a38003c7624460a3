/** Part of the bound that only roots may use: a trace without its root is worth less than one without a leaf. */
const ROOT_SHARE = 0.05;

/** The bytes a tracer holds: open captures, records and waiting batches, all against `maxQueueBytes`. */
export class ByteBudget {
  used = 0;
  /** `maxQueueBytes` as it was configured last. */
  max: number;

  constructor(max = 0) {
    this.max = max;
  }

  /** Whether a new observation may start. */
  hasRoom(isRoot: boolean): boolean {
    return this.used < (isRoot ? this.max : this.max * (1 - ROOT_SHARE));
  }

  charge(bytes: number): void {
    this.used += bytes;
  }

  release(bytes: number): void {
    this.used -= bytes;
  }
}
