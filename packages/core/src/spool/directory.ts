import { builtins } from "./builtins.ts";
import { warnRarely } from "../log.ts";
import { Ledger, type Receipt } from "../pipeline/ledger.ts";
import type { SpoolStats } from "../transport/spool.ts";
import { setQuietTimeout } from "../util/timers.ts";
import { createFileName, type FileName } from "./file-name.ts";
import { Folder, type FoundFile } from "./folder.ts";

/** How often files of processes that have died meanwhile are looked for. */
const RESCAN_MS = 30_000;
/** Beyond it the oldest file goes: a folder is read as a whole. */
const MAX_FILES = 10_000;

export interface DirectoryOptions {
  readonly dir: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** A file in this process's folder. */
export interface SpoolFile extends FoundFile {
  /** Told when a bound removes the file; unset: nobody in this process holds it, and it may be sent. */
  onRemoved: (() => void) | undefined;
  /** Receipts of this process for the records inside, by record id: it goes on counting what a closed lane left. */
  receipts: Map<string, Receipt[]> | undefined;
}

/** Remembers who is to be told of the records in a file. */
export function keepReceipts(file: SpoolFile, receipts: readonly Receipt[]): void {
  const byId = (file.receipts ??= new Map());
  for (const receipt of receipts) {
    const same = byId.get(receipt.recordId);
    if (same) same.push(receipt);
    else byId.set(receipt.recordId, [receipt]);
  }
}

/** What a directory needs to know of a destination that is open. */
export interface DirectoryUser {
  readonly hash: string;
  /** There may be files for it. */
  wake(): void;
  onDrop(reason: string, count: number): void;
}

/** The files of one spool directory as this process sees them, and their bounds. */
export class SpoolDirectory {
  readonly #options: DirectoryOptions;
  readonly #instance = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  readonly #folder: Folder;
  readonly #files = new Map<string, SpoolFile>();
  readonly #users = new Set<DirectoryUser>();
  /** Bytes of `#files`. */
  #bytes = 0;
  /** Bytes that other processes held at the last look. */
  #otherBytes = 0;
  #sequence = 0;
  #cancelRescan: (() => void) | undefined;
  /** A destination was added since the last look began. */
  #isStale = false;
  #scanning: Promise<void> | undefined;
  readonly restored = new Ledger();
  readonly counts = { written: 0, failedWrites: 0, unprotected: 0 };
  readonly #removed = { queue_full: 0, expired: 0, corrupt: 0 };

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#folder = new Folder(options.dir, this.#instance);
  }

  addUser(user: DirectoryUser): void {
    this.#users.add(user);
    this.#isStale = true;
    this.#cancelRescan?.();
    this.#cancelRescan = setQuietTimeout(() => void this.scan(), 0);
  }

  removeUser(user: DirectoryUser): void {
    this.#users.delete(user);
    if (this.#users.size === 0) this.#cancelRescan?.();
  }

  createName(destination: string, count: number): FileName {
    return createFileName(Date.now(), this.#instance, this.#sequence++, destination, count);
  }

  /** Makes room and takes the file into account before it is written; `undefined` when it does not fit at all. */
  reserve(file: FileName, bytes: number, onRemoved: () => void): SpoolFile | undefined {
    if (bytes > this.#options.maxBytes) return undefined;
    if (!this.#makeRoom(bytes)) return undefined;
    const reserved: SpoolFile = { ...file, bytes, onRemoved, receipts: undefined };
    this.#insert(reserved);
    return reserved;
  }

  write(file: SpoolFile, parts: Uint8Array[]): Promise<void> {
    return this.#folder.write(file.name, parts);
  }

  writeSync(file: SpoolFile, parts: Uint8Array[]): void {
    this.#folder.writeSync(file.name, parts);
  }

  /** A write that did not succeed: counted, and said once a minute. */
  failed(error: unknown): void {
    this.counts.failedWrites++;
    warnRarely(
      `spool ${this.#options.dir}`,
      `spool: ${String(error)}. Records are in memory only; check ${this.#options.dir}`,
    );
  }

  /** Removes a file whose records are settled. */
  forget(file: SpoolFile): void {
    if (!this.#delete(file)) return;
    this.#folder.remove(file.name);
  }

  /** Removes what was written after its file had been forgotten. */
  discard(file: SpoolFile): void {
    this.#folder.remove(file.name);
  }

  /** What is not for the destination that its name says, or cannot be unpacked. False where another process has it. */
  refuse(file: SpoolFile): boolean {
    file.onRemoved = undefined;
    return this.#remove(file, "corrupt");
  }

  /** Nobody in this process holds the file any more: it may be sent, by this process or a later one. */
  free(file: SpoolFile): void {
    file.onRemoved = undefined;
    for (const user of this.#users) if (user.hash === file.destination) user.wake();
  }

  /** The oldest file for a destination that may be sent. */
  nextFor(hash: string): SpoolFile | undefined {
    let oldest: SpoolFile | undefined;
    for (const file of this.#files.values()) {
      if (file.destination !== hash || file.onRemoved) continue;
      if (!oldest || file.name < oldest.name) oldest = file;
    }
    return oldest;
  }

  read(file: SpoolFile): Promise<Uint8Array> {
    return this.#folder.read(file.name);
  }

  /** Takes over what dead processes left. One look at a time. */
  scan(): Promise<void> {
    this.#scanning ??= this.#scanAll().finally(() => {
      this.#scanning = undefined;
      if (this.#users.size > 0) this.#cancelRescan = setQuietTimeout(() => void this.scan(), RESCAN_MS);
    });
    return this.#scanning;
  }

  async #scanAll(): Promise<void> {
    do {
      this.#isStale = false;
      await this.#scan();
    } while (this.#isStale);
  }

  /** Never rejects. */
  async #scan(): Promise<void> {
    this.#cancelRescan?.();
    this.#expire();
    try {
      const wanted = new Set([...this.#users].map(({ hash }) => hash));
      const { claimed, abandoned, otherBytes } = await this.#folder.claim(({ destination }) => wanted.has(destination));
      for (const found of claimed) this.#insert({ ...found, onRemoved: undefined, receipts: undefined });
      this.#otherBytes = otherBytes + this.#prune(abandoned, otherBytes);
    } catch (error) {
      warnRarely("spool scan", `spool: ${String(error)}`);
    }
    this.#expire();
    this.#makeRoom(0);
    for (const user of this.#users) user.wake();
  }

  /** Applies the bounds to what no living process is going to send, oldest first, and returns the bytes that stay. */
  #prune(abandoned: readonly (FoundFile & { path: string })[], liveBytes: number): number {
    let left = abandoned.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes, sealedAtMs, count } of abandoned.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const isExpired = sealedAtMs < this.#expiredBefore();
      if (!isExpired && left + liveBytes + this.#bytes <= this.#options.maxBytes) continue;
      left -= bytes;
      this.#removed[isExpired ? "expired" : "queue_full"] += count;
      builtins.fs.unlink(path, () => {});
    }
    return left;
  }

  #expiredBefore(): number {
    return Date.now() - this.#options.maxAgeMs;
  }

  /** What a lane holds is bounded by the lane. */
  #expire(): void {
    const before = this.#expiredBefore();
    for (const file of this.#files.values()) {
      if (file.sealedAtMs < before && !file.onRemoved) this.#remove(file, "expired");
    }
  }

  /** Removes the oldest files until so many more bytes fit. False when they cannot. */
  #makeRoom(bytes: number): boolean {
    const isFull = (): boolean =>
      this.#bytes + this.#otherBytes + bytes > this.#options.maxBytes || this.#files.size >= MAX_FILES;
    if (!isFull()) return true;
    for (const file of [...this.#files.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      this.#remove(file, "queue_full");
      if (!isFull()) return true;
    }
    return !isFull();
  }

  /** False where there was none: another process has taken this one for dead, and the file with it. Its records are queued there. */
  #remove(file: SpoolFile, reason: keyof SpoolStats["removed"]): boolean {
    const wasThere = this.#delete(file) && this.#folder.removeSync(file.name);
    if (file.onRemoved) {
      // Its records are in memory still.
      this.counts.unprotected++;
      file.onRemoved();
      return wasThere;
    }
    if (!wasThere) return false;
    this.#removed[reason] += file.count;
    const kept = [...(file.receipts?.values() ?? [])].flat();
    for (const receipt of kept) receipt.drop(reason === "corrupt" ? "internal_error" : reason);
    for (const user of this.#users) {
      if (user.hash !== file.destination) continue;
      user.onDrop(reason, file.count);
      break;
    }
    return true;
  }

  #insert(file: SpoolFile): void {
    this.#files.set(file.name, file);
    this.#bytes += file.bytes;
  }

  #delete(file: SpoolFile): boolean {
    if (this.#files.get(file.name) !== file) return false;
    this.#files.delete(file.name);
    this.#bytes -= file.bytes;
    return true;
  }

  /** At the end of the process. What is still being written stays. */
  leave(): void {
    this.#cancelRescan?.();
    this.#folder.leave(this.#files.size === 0);
  }

  stats(): SpoolStats {
    const { started, queued, sent, dropped } = this.restored;
    return {
      files: this.#files.size,
      bytes: this.#bytes,
      ...this.counts,
      restored: { started, queued, sent, dropped: { ...dropped } },
      removed: { ...this.#removed },
    };
  }
}
