import type Database from "libsql";
import { StepSize } from "./step-size.ts";

/** The oldest go until this part of the limit is left, so that it is not reached again at once. */
const KEPT_PART = 0.9;
/** Pages of the full-text index that one step merges: 2 MB at first. */
const PAGES_A_MERGE = { least: 16, first: 500, most: 2000 };

/**
 * Keeps the file below a size, in rounds. What deleted rows took is not free at once: texts go in steps of their own, and the full-text index grows by each
 * that is taken out until its parts are merged. So a round counts how many observations have to go by what one takes on average, and the
 * size is looked at again when all that they took has been given back. Looking at it in between, everything would go.
 */
export class Shrinker {
  readonly #database: Database.Database;
  readonly #count;
  readonly #changes;
  readonly #merge;
  readonly #pages = new StepSize(PAGES_A_MERGE);
  #left = 0;
  #mustMerge: "from the start" | "on" | null = null;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#count = database.prepare("SELECT count(*) AS n FROM observation_rows");
    this.#changes = database.prepare("SELECT total_changes() AS n");
    this.#merge = database.prepare("INSERT INTO search (search, rank) VALUES ('merge', ?)");
  }

  /** Observations that have to go in this round. */
  get left(): number {
    return this.#left;
  }

  /** Begins a round where the file is over the limit. @returns false when it is not. */
  begin(maxBytes: number): boolean {
    const used = this.#usedBytes();
    if (used <= maxBytes) return false;
    const { n } = this.#count.get() as { n: number };
    this.#left = Math.ceil(n * (1 - (KEPT_PART * maxBytes) / used));
    return this.#left > 0;
  }

  /** @param observations that went; none: there are no more. */
  note(observations: number): void {
    this.#left = observations === 0 ? 0 : Math.max(0, this.#left - observations);
    if (observations > 0) this.#mustMerge = "from the start";
  }

  /** When the texts of a round are gone: a part of the merge. @returns false when nothing is left to merge. */
  mergeStep(): boolean {
    if (this.#mustMerge === null) return false;
    const before = this.#totalChanges();
    // Below zero: all parts of the index are put up for it (https://sqlite.org/fts5.html#the_merge_command).
    this.#pages.take((pages) => this.#merge.run([this.#mustMerge === "on" ? pages : -pages]));
    this.#mustMerge = this.#totalChanges() - before < 2 ? null : "on";
    return true;
  }

  #totalChanges(): number {
    return (this.#changes.get() as { n: number }).n;
  }

  #usedBytes(): number {
    const pragma = (name: string): number =>
      Number(Object.values(this.#database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[0]);
    return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
  }
}
