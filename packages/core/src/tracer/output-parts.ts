import { capture } from "../serialize/capture.ts";

/** Items kept as the output; what a generator yields beyond is counted. */
const MAX_ITEMS = 1_000;
/** Estimated bytes of the items kept; one item more may be begun. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * An output that comes in parts, as a generator yields them. Given to an observation's `update` with each part, it is taken as it is
 * and not copied anew: what is there counts towards `maxQueueBytes`, and arrives should the observation never end.
 */
export class OutputParts {
  /** Captured. */
  readonly items: unknown[] = [];
  bytes = 0;
  mayHaveMedia = false;
  #left = 0;
  #next: unknown;

  /** Asks nothing of a proxy of the application's. */
  static is(value: unknown): value is OutputParts {
    return typeof value === "object" && value !== null && #next in value;
  }

  /** The next part, to be taken by the observation that this is given to. */
  with(value: unknown): this {
    this.#next = value;
    return this;
  }

  /** Copies it, since the reader may change it afterwards. Beyond the bounds it is counted only. */
  take(hasRoom: boolean): void {
    const next = this.#next;
    // Whatever it is, it is the application's.
    this.#next = undefined;
    if (!hasRoom || this.items.length >= MAX_ITEMS || this.bytes >= MAX_BYTES) {
      this.#left++;
      return;
    }
    const captured = capture(next);
    this.bytes += captured.bytes;
    this.mayHaveMedia ||= captured.mayHaveMedia;
    this.items.push(captured.value);
  }

  /** All of it, with what the generator returned. */
  whole(returned: unknown): { output?: unknown } {
    const items = this.#left > 0 ? [...this.items, `[${this.#left} more items]`] : [...this.items];
    if (returned !== undefined) items.push(returned);
    return items.length > 0 ? { output: items } : {};
  }
}
