import type { Batch } from "./batch.ts";

/** Cut in halves this often; when all parts were refused by then, single records tell whether any can pass. */
const MAX_BLIND_DEPTH = 2;
/** Single records that are tried of each part refused at that depth. */
const PROBES = 3;

export type SplitReason = "too_large" | "rejected";

/**
 * A refused batch that is sent in parts. Until one of them passes, it costs a bounded number of requests (7 + 12): a backend that
 * refuses everything is not asked once a record. After that halving goes on down to the offending records.
 */
export class Split {
  /** A part was delivered: the cause is in the records. */
  hasPassed = false;
  /** Parts whose fate waits for the probes'. */
  held: Batch[] = [];
  reason: SplitReason;
  /** A firewall refused a part: nobody knows whether for its content. */
  isFirewall = false;
  lastMessage = "";
  /** Parts that wait or are under way. */
  #open = 0;

  constructor(reason: SplitReason) {
    this.reason = reason;
  }

  /** The parts of `batch` to send in its place, and those to hold until they are settled. */
  async parts(batch: Batch, reason: SplitReason): Promise<{ parts: Batch[]; held: Batch[] }> {
    this.reason = reason;
    const positions = [...batch.receipts.keys()];
    if (this.hasPassed || batch.depth < MAX_BLIND_DEPTH || positions.length <= PROBES) {
      const half = Math.ceil(positions.length / 2);
      return { parts: this.#adopt(await batch.cut([positions.slice(0, half), positions.slice(half)])), held: [] };
    }
    const probed = batch.positionsToProbe(PROBES, reason);
    const rest = positions.filter((position) => !probed.includes(position));
    const [others, ...probes] = await batch.cut([rest, ...probed.map((position) => [position])]);
    others!.split = this;
    return { parts: this.#adopt(probes), held: [others!] };
  }

  /** A part was settled or replaced by its own parts; true when none is left and the held ones need a decision. */
  conclude(): boolean {
    this.#open--;
    return this.#open === 0;
  }

  /** Hands the held parts over, to be sent or dropped. */
  takeHeld(): Batch[] {
    const held = this.held;
    this.held = [];
    this.#open += held.length;
    return held;
  }

  #adopt(parts: Batch[]): Batch[] {
    for (const part of parts) part.split = this;
    this.#open += parts.length;
    return parts;
  }
}
