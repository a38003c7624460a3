import { warnRarely } from "../log.ts";
import type { Receipt } from "../pipeline/ledger.ts";
import type { LaneSpool, SpoolableBatch, SpooledLane, SpoolEntry } from "../transport/spool.ts";
import { BatchEntry } from "./batch-entry.ts";
import { builtins } from "./builtins.ts";
import type { DirectoryUser, SpoolDirectory, SpoolFile } from "./directory.ts";
import { decodeEntry, encodeEntry, type EntryHeader } from "./entry-file.ts";
import { destinationHash } from "./file-name.ts";
import { RestoredEntry } from "./restored-entry.ts";

/** Files written at once. A batch that is settled before its turn is never written. */
const MAX_WRITING = 2;

/** Errors of reading that say nothing of the file. */
const PASSING: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOMEM", "EAGAIN"]);

/** The spool of one lane: writes what it seals, and gives back, one batch at a time, what was left for its destination. */
export class SpoolOfLane implements LaneSpool, DirectoryUser {
  readonly hash: string;
  readonly #lane: SpooledLane;
  /** As it is written: whom a file is for. */
  readonly #destination: string;
  readonly #directory: SpoolDirectory;
  readonly #toWrite = new Set<BatchEntry>();
  #writing = 0;
  #isRestoring = false;
  #isClosed = false;

  constructor(lane: SpooledLane, directory: SpoolDirectory) {
    this.#lane = lane;
    this.#directory = directory;
    this.#destination = lane.project ? `${lane.destination} ${sha256(lane.project)}` : lane.destination;
    this.hash = destinationHash(this.#destination);
    directory.addUser(this);
  }

  /** Something from disk is being sent, with some hope. */
  get isRestoring(): boolean {
    return this.#isRestoring && !this.#isClosed && !this.#lane.isFailing();
  }

  add(batch: SpoolableBatch): SpoolEntry {
    const entry = new BatchEntry(this.#directory, this.hash, batch, (content) => this.#encode(content));
    this.#toWrite.add(entry);
    if (this.#writing < MAX_WRITING) void this.#writeAll();
    return entry;
  }

  /** Never rejects. */
  async #writeAll(): Promise<void> {
    this.#writing++;
    // Off the stack that sealed the batch.
    await Promise.resolve();
    for (const entry of this.#toWrite) {
      this.#toWrite.delete(entry);
      await entry.write();
    }
    this.#writing--;
  }

  #encode(batch: SpoolableBatch): Uint8Array[] {
    const { bytes, gzipped, headBytes } = batch.stored();
    const { envelope } = this.#lane;
    const ids = batch.receipts.map(({ recordId }) => recordId);
    return encodeEntry({ destination: this.#destination, envelope, ends: batch.ends, ids, gzipped, headBytes }, bytes);
  }

  wake(): void {
    if (this.#isRestoring || this.#isClosed) return;
    this.#isRestoring = true;
    void this.#restoreNext();
  }

  onDrop(reason: string, count: number): void {
    this.#lane.onDrop(reason, count);
  }

  close(): void {
    this.#isClosed = true;
    this.#lane.close();
    this.#directory.removeUser(this);
  }

  /** Hands one file to the lane; its entry calls again when that is settled. Never rejects. */
  async #restoreNext(): Promise<void> {
    for (;;) {
      // What a lane leaves when it closes is not for itself to read.
      await Promise.resolve();
      const file = this.#isClosed ? undefined : this.#directory.nextFor(this.hash);
      if (!file) break;
      const entry = new RestoredEntry(this.#directory, file, () => void this.#restoreNext());
      try {
        await this.#restore(file, entry);
        return;
      } catch (error) {
        if (isPassing(error)) {
          // The next scan tries again.
          entry.keep([]);
          break;
        }
        if (!this.#directory.refuse(file)) continue;
        warnRarely("spool restore", `spool: ${file.count} records could not be read back: ${String(error)}`);
      }
    }
    this.#isRestoring = false;
  }

  async #restore(file: SpoolFile, entry: RestoredEntry): Promise<void> {
    const read = decodeEntry(await this.#directory.read(file));
    if (read?.header.destination !== this.#destination) throw new Error("the file is damaged");
    const { header, payload } = read;
    const records = header.gzipped ? await unzip(header, payload) : payload;
    if (this.#isClosed) {
      entry.keep([]);
      return;
    }
    const receipts = header.ids.map((id) => this.#receiptOf(file, id));
    file.receipts = undefined;
    this.#lane.restore({ records, ends: header.ends, receipts, envelope: header.envelope, entry });
  }

  /** Of this process, where it has recorded the file itself; else one of the restored records' own accounts. */
  #receiptOf(file: SpoolFile, id: string): Receipt {
    const kept = file.receipts?.get(id)?.shift();
    if (kept) return kept;
    this.#directory.restored.start();
    return this.#directory.restored.enqueue(id, 1);
  }
}

/** The process is short of something: no fault of the file's. */
function isPassing(error: unknown): boolean {
  return PASSING.has((error as NodeJS.ErrnoException).code);
}

async function unzip({ ends, headBytes }: EntryHeader, payload: Uint8Array): Promise<Uint8Array> {
  const body = await new Promise<Uint8Array>((resolve, reject) => {
    builtins.zlib.gunzip(payload, (error, result) => (error ? reject(error) : resolve(result)));
  });
  return body.subarray(headBytes, headBytes + ends.at(-1)!);
}

function sha256(text: string): string {
  return builtins.crypto.createHash("sha256").update(text).digest("hex");
}
