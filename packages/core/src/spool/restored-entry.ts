import type { Receipt } from "../pipeline/ledger.ts";
import type { SpoolEntry } from "../transport/spool.ts";
import { keepReceipts, type SpoolDirectory, type SpoolFile } from "./directory.ts";

/** The file of a batch that was read back: on disk until what was read is settled. */
export class RestoredEntry implements SpoolEntry {
  readonly #directory: SpoolDirectory;
  readonly #file: SpoolFile;
  readonly #onSettled: () => void;
  #holders = 1;
  /** A bound removed the file; the batch in memory is sent all the same. */
  #isRemoved = false;
  #isKept = false;

  constructor(directory: SpoolDirectory, file: SpoolFile, onSettled: () => void) {
    this.#directory = directory;
    this.#file = file;
    this.#onSettled = onSettled;
    file.onRemoved = () => {
      this.#isRemoved = true;
    };
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#holders > 0 || this.#isKept) return;
    this.#directory.forget(this.#file);
    this.#onSettled();
  }

  keep(receipts: readonly Receipt[]): boolean {
    if (this.#isRemoved) return false;
    this.#isKept = true;
    keepReceipts(this.#file, receipts);
    this.#directory.free(this.#file);
    return true;
  }
}
