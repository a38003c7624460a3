import type { Worker } from "node:worker_threads";
import { StoreBusyError, StoreClosedError, reviveError } from "../errors.ts";
import { isEncoded } from "./prepare/encode-batch.ts";
import type { Call, WriteRequest, WriteResponse } from "./protocol.ts";

interface QueuedCall {
  call: Call;
  bytes: number;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** What a call without a size of its own is counted as. */
const SMALL_CALL_BYTES = 4096;

/** A transaction takes at most this much of the queue, so that the first of many waiting requests is not held up by the last. */
const MAX_GROUP_BYTES = 16 * 1024 * 1024;

/** A call up to this size is not held up by those that take the writer long: its group has none of them. */
const MAX_QUICK_BYTES = 64 * 1024;

/**
 * Group commit: while the writer commits one group, whatever arrives forms the next, so the number of transactions follows the
 * writer's speed and not the number of requests. Bounded in bytes.
 */
export class WriteQueue {
  readonly #writer: Worker;
  readonly #maxBytes: number;
  readonly #onCommit: (bytes: number) => void;
  #waiting: QueuedCall[] = [];
  #wasQuick = false;
  #inFlight: QueuedCall[] = [];
  #bytes = 0;
  #failure: Error | undefined;
  #onIdle: (() => void) | undefined;

  /** @param options.onCommit is told the size of each group that was committed. */
  constructor(writer: Worker, { maxBytes, onCommit }: { maxBytes: number; onCommit: (bytes: number) => void }) {
    this.#writer = writer;
    this.#maxBytes = maxBytes;
    this.#onCommit = onCommit;
    writer.on("message", (message: WriteResponse) => this.#onCommitted(message));
    writer.on("error", (error) => this.#fail(error));
    writer.on("exit", () => this.#fail(new StoreClosedError("The store's writer has ended.")));
  }

  /** @throws {StoreBusyError} when a call of this size would not be taken now: it need not be prepared. */
  admit(bytes: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#bytes === 0 || this.#bytes + bytes <= this.#maxBytes) return;
    throw new StoreBusyError(`The write queue is full (${this.#maxBytes} bytes).`);
  }

  /**
   * Resolves after the commit with what the method returned. A call that is larger than the bound is taken while nothing else waits.
   * An argument with a member `bytes` says how large the call is.
   *
   * @param prepare runs once it is clear that the call is taken.
   */
  async push(given: Call, prepare: (call: Call) => Call = (call) => call): Promise<unknown> {
    this.admit(sizeOf(given));
    const call = prepare(given);
    const bytes = sizeOf(call);
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, bytes, resolve, reject });
      this.#commitNext();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    if (this.#inFlight.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #commitNext(): void {
    if (this.#inFlight.length > 0) return;
    this.#inFlight = this.#takeGroup();
    if (this.#inFlight.length === 0) {
      this.#onIdle?.();
      return;
    }
    const calls = this.#inFlight.map(({ call }) => call);
    const handedOver = calls.flatMap(({ args }) => args.filter(isEncoded)).map(({ data }) => data.buffer);
    this.#writer.postMessage({ calls } satisfies WriteRequest, handedOver);
  }

  /** In the order of arrival; but the small ones of those that wait go first, every other time, and then go alone. */
  #takeGroup(): QueuedCall[] {
    const quick = this.#wasQuick ? [] : this.#waiting.filter(({ bytes }) => bytes <= MAX_QUICK_BYTES);
    this.#wasQuick = quick.length > 0;
    let bytes = 0;
    const group = (this.#wasQuick ? quick : this.#waiting).filter((queued) => {
      const isTaken = bytes < MAX_GROUP_BYTES;
      bytes += queued.bytes;
      return isTaken;
    });
    const taken = new Set(group);
    this.#waiting = this.#waiting.filter((queued) => !taken.has(queued));
    return group;
  }

  #onCommitted(message: WriteResponse): void {
    const group = this.#inFlight;
    this.#inFlight = [];
    this.#onCommit(group.reduce((sum, { bytes }) => sum + bytes, 0));
    for (const [index, queued] of group.entries()) {
      this.#bytes -= queued.bytes;
      const result = message.results[index];
      if (result?.ok === true) queued.resolve(result.value);
      else
        queued.reject(
          result === undefined ? new Error("The store's writer gave no answer.") : reviveError(result.error),
        );
    }
    this.#commitNext();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const lost = [...this.#inFlight, ...this.#waiting];
    this.#inFlight = [];
    this.#waiting = [];
    this.#bytes = 0;
    for (const queued of lost) queued.reject(this.#failure);
    this.#onIdle?.();
  }
}

function sizeOf({ args }: Call): number {
  for (const arg of args) {
    if (typeof arg !== "object" || arg === null || !("bytes" in arg)) continue;
    if (typeof arg.bytes === "number") return arg.bytes;
  }
  return SMALL_CALL_BYTES;
}
