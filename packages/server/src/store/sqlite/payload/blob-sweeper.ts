import type Database from "libsql";
import { searchText } from "../../../search/text.ts";
import { bytesOfHashes, hashOf } from "../prepare/hash.ts";
import type { HashIndex } from "./hash-index.ts";
import type { BlobKind } from "../prepare/prepared.ts";
import { Pack, encodePack } from "./pack.ts";

const KINDS: readonly (BlobKind | "group")[] = ["text", "data", "group"];

interface Candidate {
  blob: number;
  project_id: string;
}

/** Removes texts that nobody names any more: from the packs, from the full-text index, and their hashes. */
export class BlobSweeper {
  readonly #hashes: HashIndex;
  readonly #onRemoval: () => void;
  readonly #candidates;
  readonly #forget;
  readonly #owner;
  readonly #noteMembers;
  readonly #dropMembers;
  readonly #findPack;
  readonly #lastPack;
  readonly #updatePack;
  readonly #dropPack;
  readonly #dropText;
  readonly #dropHash;

  /** @param forget called when texts are about to go that are known in memory. */
  constructor(database: Database.Database, hashes: HashIndex, forget: () => void) {
    this.#hashes = hashes;
    this.#onRemoval = forget;
    this.#candidates = database.prepare("SELECT blob, project_id FROM blob_candidates ORDER BY blob LIMIT ?");
    this.#forget = database.prepare("DELETE FROM blob_candidates WHERE blob = ?");
    this.#owner = database.prepare("SELECT 1 FROM blob_refs WHERE blob = ? LIMIT 1");
    this.#noteMembers = database.prepare(
      "INSERT OR IGNORE INTO blob_candidates (blob, project_id) SELECT blob, ? FROM blob_refs WHERE owner = ?",
    );
    this.#dropMembers = database.prepare("DELETE FROM blob_refs WHERE owner = ?");
    this.#findPack = database.prepare(
      "SELECT first_id, count, data FROM packs WHERE first_id <= ? ORDER BY first_id DESC LIMIT 1",
    );
    this.#lastPack = database.prepare("SELECT max(first_id) AS last FROM packs");
    this.#updatePack = database.prepare("UPDATE packs SET data = ? WHERE first_id = ?");
    this.#dropPack = database.prepare("DELETE FROM packs WHERE first_id = ?");
    // The index holds no text: it is told what it has to take out, which is what it was given.
    this.#dropText = database.prepare("INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)");
    this.#dropHash = database.prepare("DELETE FROM blob_hashes WHERE hash = ? AND id = ?");
  }

  /** @param limit candidates looked at. @returns false when none are left. */
  sweep(limit: number): boolean {
    const candidates = this.#candidates.all([limit]) as Candidate[];
    const dead = candidates.filter(({ blob }) => this.#owner.get([blob]) === undefined);
    for (const { blob, project_id: projectId } of dead) {
      this.#noteMembers.run([projectId, -blob]);
      this.#dropMembers.run([-blob]);
    }
    if (dead.length > 0) {
      this.#hashes.settle();
      this.#onRemoval();
    }
    // By number, so that each pack is opened once.
    for (let at = 0; at < dead.length;) at += this.#sweepPack(dead.slice(at));
    for (const { blob } of candidates) this.#forget.run([blob]);
    return candidates.length === limit || (dead.length > 0 && this.#candidates.all([1]).length > 0);
  }

  /** @returns how many of the dead, from the first on, lie in its pack. */
  #sweepPack(dead: readonly Candidate[]): number {
    const first = dead[0];
    const row = this.#findPack.get([first?.blob ?? 0]) as
      | { first_id: number; count: number; data: Uint8Array }
      | undefined;
    if (row === undefined) return 1;
    const pack = new Pack(row.data);
    const bodies = Array.from({ length: pack.count }, (_, index) => pack.bytes(index));
    const within = dead.filter(({ blob }) => blob < row.first_id + pack.count);
    for (const { blob, project_id: projectId } of within) {
      const index = blob - row.first_id;
      const text = pack.text(index);
      for (const kind of KINDS) {
        const isOfKind = this.#dropHash.run([bytesOfHashes([hashOf(kind, projectId, text)]), blob]).changes > 0;
        if (isOfKind && kind === "text") this.#dropText.run([blob, searchText(text)]);
      }
      bodies[index] = new Uint8Array(0);
    }
    const { last } = this.#lastPack.get() as { last: number };
    // The last pack says which number comes next.
    if (bodies.every((body) => body.byteLength === 0) && row.first_id !== last) this.#dropPack.run([row.first_id]);
    else this.#updatePack.run([encodePack(bodies), row.first_id]);
    return Math.max(1, within.length);
  }
}
