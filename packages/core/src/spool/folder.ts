import type { FileHandle } from "node:fs/promises";
import { builtins } from "./builtins.ts";
import { setQuietTimeout } from "../util/timers.ts";
import { parseFileName, type FileName } from "./file-name.ts";
import { hasOwner, isOwnerDead, LEASE_TOUCH_MS, removeFolder, touchOwner, writeOwner } from "./owner.ts";

const FOLDER = /^[0-9a-f]{16}$/;

/** A file found in the spool's directory. */
export interface FoundFile extends FileName {
  readonly bytes: number;
}

interface Claim {
  readonly claimed: FoundFile[];
  /** Of dead processes, for destinations that this one does not send to. */
  readonly abandoned: (FoundFile & { readonly path: string })[];
  /** Held by other living processes. */
  otherBytes: number;
}

/**
 * The folder of this process within the directory that processes share. Each writes into its own; what a dead one left is moved
 * file by file, so that of two that want it each file has one winner.
 */
export class Folder {
  readonly path: string;
  readonly #parent: string;
  readonly #instance: string;
  #isMade = false;
  #cancelTouch: (() => void) | undefined;

  constructor(parent: string, instance: string) {
    this.#parent = parent;
    this.#instance = instance;
    this.path = builtins.path.join(parent, instance);
  }

  /** Throws what the file system says. */
  make(): void {
    // Another process that took this one for dead (it slept, the clock was set) has removed it, or somebody who cleans up.
    if (this.#isMade && hasOwner(this.path)) return;
    builtins.fs.mkdirSync(this.path, { recursive: true, mode: 0o700 });
    writeOwner(this.path);
    this.#isMade = true;
    this.#cancelTouch?.();
    this.#touchLater();
  }

  async write(name: string, parts: Uint8Array[]): Promise<void> {
    this.make();
    // Not over what `writeSync` has written at the end of the process, while this waited for a thread.
    const file = await builtins.fs.promises.open(builtins.path.join(this.path, name), "wx", 0o600);
    try {
      await writeAll(file, parts);
    } finally {
      await file.close();
    }
  }

  writeSync(name: string, parts: Uint8Array[]): void {
    // What `write` has open goes on without a name.
    this.removeSync(name);
    this.make();
    const file = builtins.fs.openSync(builtins.path.join(this.path, name), "w", 0o600);
    try {
      for (const part of parts) writeAllSync(file, part);
    } finally {
      builtins.fs.closeSync(file);
    }
  }

  async read(name: string): Promise<Uint8Array> {
    return builtins.fs.promises.readFile(builtins.path.join(this.path, name));
  }

  remove(name: string): void {
    // A file that is gone already is as good as removed.
    builtins.fs.unlink(builtins.path.join(this.path, name), () => {});
  }

  /** False where there was none: another process has taken it, say. */
  removeSync(name: string): boolean {
    try {
      builtins.fs.unlinkSync(builtins.path.join(this.path, name));
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== "ENOENT";
    }
  }

  /** Moves the files of dead processes that are `isWanted` here, and tells what stays elsewhere. */
  async claim(isWanted: (file: FileName) => boolean): Promise<Claim> {
    const claim: Claim = { claimed: [], abandoned: [], otherBytes: 0 };
    for (const folder of await list(this.#parent)) {
      if (!FOLDER.test(folder) || folder === this.#instance) continue;
      const path = builtins.path.join(this.#parent, folder);
      const isDead = await isOwnerDead(path);
      let left = 0;
      for (const name of await list(path)) {
        const file = parseFileName(name);
        if (!file) continue;
        const found = { ...file, bytes: await sizeOf(builtins.path.join(path, name)) };
        if (isDead && isWanted(file) && (await this.#take(path, name))) {
          claim.claimed.push(found);
          continue;
        }
        left++;
        if (isDead) claim.abandoned.push({ ...found, path: builtins.path.join(path, name) });
        else claim.otherBytes += found.bytes;
      }
      if (isDead && left === 0) removeFolder(path);
    }
    return claim;
  }

  async #take(from: string, name: string): Promise<boolean> {
    try {
      this.make();
      await builtins.fs.promises.rename(builtins.path.join(from, name), builtins.path.join(this.path, name));
      return true;
    } catch {
      // Another process was faster, or it may not be moved: then it stays.
      return false;
    }
  }

  /** At the end of the process: an empty folder goes. */
  leave(isEmpty: boolean): void {
    this.#cancelTouch?.();
    if (isEmpty && this.#isMade) removeFolder(this.path);
    this.#isMade = false;
  }

  #touchLater(): void {
    this.#cancelTouch = setQuietTimeout(() => {
      touchOwner(this.path);
      this.#touchLater();
    }, LEASE_TOUCH_MS);
  }
}

function writeAllSync(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength;) at += builtins.fs.writeSync(file, bytes, at);
}

/** A disk that is nearly full takes a part, and says so only when it is asked for the rest. */
async function writeAll(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  let rest = parts;
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest);
    if (bytesWritten === 0) throw new Error("the disk takes nothing");
    const next = rest.findIndex(({ byteLength }) => byteLength > bytesWritten || void (bytesWritten -= byteLength));
    rest = next < 0 ? [] : [rest[next]!.subarray(bytesWritten), ...rest.slice(next + 1)];
  }
}

async function list(path: string): Promise<string[]> {
  try {
    return (await builtins.fs.promises.readdir(path)).sort();
  } catch {
    // Not there yet, not there any more, or not for us to read.
    return [];
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await builtins.fs.promises.stat(path)).size;
  } catch {
    return 0;
  }
}
