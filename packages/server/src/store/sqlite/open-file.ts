import { statSync } from "node:fs";

/** The file that a database was opened from. One that is deleted or replaced stays open, and all that is written to it is lost with the process. */
export class OpenFile {
  readonly #path: string;
  readonly #inode: bigint | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#inode = this.#read();
  }

  /** Takes a few microseconds. True where there was no file from the beginning, as in memory. */
  isThere(): boolean {
    return this.#inode === undefined || this.#inode === this.#read();
  }

  /** Whatever hinders the look, a file where the folder was say, it is not seen to be the one that was opened. */
  #read(): bigint | undefined {
    try {
      return statSync(this.#path, { bigint: true, throwIfNoEntry: false })?.ino;
    } catch {
      return undefined;
    }
  }
}
