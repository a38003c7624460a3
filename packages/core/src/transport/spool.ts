import type { DestinationContext } from "../pipeline/destination.ts";
import type { Drops, Receipt } from "../pipeline/ledger.ts";
import { Batch } from "./batch.ts";
import { Delivery } from "./delivery.ts";
import type { LaneFormat } from "./lane-format.ts";
import { Tally } from "./tally.ts";

/**
 * Keeps sealed batches on disk until they are settled. Made by `spool()` of `@spanwise/core/spool`; everything here knows it by
 * this shape only, so that it costs nothing where it is not used. None of its functions throws.
 */
export interface Spool {
  /** Once a lane. What an earlier process left for this destination is handed to `lane.restore`, one batch at a time. */
  open(lane: SpooledLane): LaneSpool;
  /** Calls `handler` while the process exits: synchronous work only. Returns the undo. */
  onExit(handler: () => void): () => void;
  stats(): SpoolStats;
}

/** A lane as its spool sees it. */
export interface SpooledLane {
  /** For `onDrop`. */
  readonly name: string;
  /** Convention, URL and encoding: a file goes to the destination it was written for and to no other. Holds no key. */
  readonly destination: string;
  /** The public key of the lane's authorization, or nothing: a file is for one project. Written as a hash only. */
  readonly project: string;
  /** What the envelope of a batch is made of, as JSON: a batch arrives as the process that recorded it would have sent it. */
  readonly envelope: unknown;
  /** The last request failed. */
  isFailing(): boolean;
  restore(batch: RestoredBatch): void;
  onDrop(reason: string, count: number): void;
  close(): void;
}

export interface LaneSpool {
  add(batch: SpoolableBatch): SpoolEntry;
  /** The lane is closed: nothing is restored into it any more. */
  close(): void;
}

/** A batch as it is written to disk. */
export interface SpoolableBatch {
  readonly ends: readonly number[];
  readonly receipts: readonly Receipt[];
  /** `headBytes`: what stands before the records when `bytes` is a gzipped body, else 0. */
  stored(): { bytes: Uint8Array; gzipped: boolean; headBytes: number };
}

export interface RestoredBatch {
  readonly records: Uint8Array;
  readonly ends: readonly number[];
  readonly receipts: readonly Receipt[];
  readonly envelope: unknown;
  readonly entry: SpoolEntry;
}

/** The file of one batch, shared by the parts it is split into. */
export interface SpoolEntry {
  /** One more batch holds records of this file. */
  retain(): void;
  /** A batch that held it is settled; with the last one the file goes. */
  release(): void;
  /**
   * The lane is closing with these receipts unsettled. True when the file is on disk: it then stays there, and the receipts count as
   * queued until somebody has sent it.
   */
  keep(receipts: readonly Receipt[]): boolean;
}

export interface SpoolStats {
  /** Files of this process on disk, and their bytes. */
  files: number;
  bytes: number;
  /** Batches written since the start. */
  written: number;
  /** Batches that could not be written (disk full, no permission): they are in memory only. */
  failedWrites: number;
  /** Files of batches still in memory that were removed for newer ones by `maxBytes` or the bound on files. */
  unprotected: number;
  /** Records of earlier processes that this one read back: what became of them. Not part of the tracer's own counts. */
  restored: { started: number; queued: number; sent: number; dropped: Drops };
  /** Records removed from disk unsent: over `maxBytes` or the bound on files, older than `maxAgeMs`, or unreadable. */
  removed: { queue_full: number; expired: number; corrupt: number };
}

/** Tells two projects behind one URL apart. The secret half of the authorization is not looked at. */
function publicKeyIn({ authorization = "" }: Readonly<Record<string, string>>): string {
  if (!authorization.startsWith("Basic ")) return "";
  try {
    return atob(authorization.slice("Basic ".length)).split(":", 1)[0]!;
  } catch {
    return "";
  }
}

/** The spool of a new lane, where there is one. What it gives back has a delivery of its own, so that it delays nothing else. */
export function openSpool(name: string, format: LaneFormat<never>, context: DestinationContext): LaneSpool | undefined {
  const { spool, settings, budget } = context;
  if (!spool) return undefined;
  const tally = new Tally(name, context);
  // The age of what is on disk is the spool's own matter.
  const delivery = new Delivery(format, { ...context, settings: { ...settings, maxAgeMs: Infinity } }, tally);
  const { url, headers, envelope, wrap } = format;
  return spool.open({
    name,
    destination: `${name} ${url} ${headers["content-type"]}`,
    project: publicKeyIn(headers),
    envelope: envelope?.of,
    isFailing: () => delivery.isFailing,
    restore({ records, ends, receipts, envelope: of, entry }) {
      tally.queued += receipts.length;
      const wrapped = envelope && of !== undefined ? envelope.wrap(of) : wrap;
      const batch = new Batch({ bytes: records, ends }, receipts, Date.now(), 0, wrapped, budget);
      batch.entry = entry;
      delivery.add(batch);
    },
    onDrop: (reason, count) => context.onDrop(name, reason, count),
    close: () => delivery.close(),
  });
}
