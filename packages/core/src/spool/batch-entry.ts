import type { Receipt } from "../pipeline/ledger.ts";
import type { SpoolableBatch, SpoolEntry } from "../transport/spool.ts";
import { keepReceipts, type SpoolDirectory, type SpoolFile } from "./directory.ts";

/** The file of a batch that a lane has sealed: written soon after, gone when the batch is settled. */
export class BatchEntry implements SpoolEntry {
  readonly #directory: SpoolDirectory;
  readonly #destination: string;
  readonly #encode: (batch: SpoolableBatch) => Uint8Array[];
  /** Until it is written. */
  #batch: SpoolableBatch | undefined;
  #file: SpoolFile | undefined;
  #isWritten = false;
  /** A bound removed the file, or it could not be written: it is not written once more. */
  #isGivenUp = false;
  #isKept = false;
  #holders = 1;

  constructor(
    directory: SpoolDirectory,
    destination: string,
    batch: SpoolableBatch,
    encode: (batch: SpoolableBatch) => Uint8Array[],
  ) {
    this.#directory = directory;
    this.#destination = destination;
    this.#batch = batch;
    this.#encode = encode;
  }

  /** Off the thread. Never rejects. */
  async write(): Promise<void> {
    const parts = this.#reserve();
    const file = this.#file;
    if (!parts || !file) return;
    try {
      await this.#directory.write(file, parts);
      this.#written();
    } catch (error) {
      // Unless `keep` has written it meanwhile.
      if (!this.#isWritten) this.#giveUp(error);
    }
    // Settled or removed while it was written: what arrived on disk after its removal goes again.
    if (this.#file !== file) this.#directory.discard(file);
  }

  #writeSync(): void {
    const parts = this.#file && this.#batch ? this.#encode(this.#batch) : this.#reserve();
    if (!parts || !this.#file) return;
    try {
      this.#directory.writeSync(this.#file, parts);
      this.#written();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #written(): void {
    this.#isWritten = true;
    this.#batch = undefined;
    this.#directory.counts.written++;
  }

  /** The bytes to write into `#file`; `undefined` when nothing is to be written or nothing fits. */
  #reserve(): Uint8Array[] | undefined {
    if (!this.#batch || this.#file || this.#isGivenUp) return undefined;
    try {
      const parts = this.#encode(this.#batch);
      const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const name = this.#directory.createName(this.#destination, this.#batch.receipts.length);
      this.#file = this.#directory.reserve(name, bytes, () => {
        this.#isGivenUp = true;
        this.#file = undefined;
      });
      if (this.#file) return parts;
      this.#giveUp(`no room for a batch of ${bytes} bytes`);
    } catch (error) {
      this.#giveUp(error);
    }
    return undefined;
  }

  #giveUp(error: unknown): void {
    this.#isGivenUp = true;
    this.#directory.failed(error);
    this.#forget();
  }

  #forget(): void {
    if (this.#file) this.#directory.forget(this.#file);
    this.#file = undefined;
    this.#batch = undefined;
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0 && !this.#isKept) this.#forget();
  }

  keep(receipts: readonly Receipt[]): boolean {
    if (!this.#isWritten) this.#writeSync();
    const file = this.#file;
    if (!file || !this.#isWritten) return false;
    this.#isKept = true;
    keepReceipts(file, receipts);
    this.#directory.free(file);
    return true;
  }
}
