/** What a {@link RecentMap} knows of a value. In a ring in the order of use, which starts and ends at one that stands for none. */
interface Entry<Value> {
  readonly id: string;
  readonly value: Value;
  /** By `performance.now()`. */
  usedAt: number;
  older: Entry<Value>;
  newer: Entry<Value>;
  /** The next one in its bucket. */
  next: Entry<Value> | undefined;
}

const MIN_BUCKETS = 64;
/** Random digits stand at the end of ids, if not everywhere. */
const HASHED_CHARS = 32;

/**
 * Values by id in the order of use, for what comes and goes by the thousand. It is not a `Map`: V8 links each table that a `Map`
 * outgrows or shrinks from to the next one, and once one of them was promoted all that was ever in the later ones is kept, and
 * copied, until the next full collection. So what is taken out of this refers to nothing, and nothing to it.
 */
export class RecentMap<Value> {
  #buckets: (Entry<Value> | undefined)[] = Array.from<undefined>({ length: MIN_BUCKETS });
  readonly #ring: Entry<Value>;
  #size = 0;

  constructor() {
    const ring = { id: "", usedAt: 0 } as Entry<Value>;
    ring.older = ring.newer = ring;
    this.#ring = ring;
  }

  get size(): number {
    return this.#size;
  }

  get(id: string): Value | undefined {
    return this.#find(id)?.value;
  }

  /** Gets a value, which counts as the last one used. */
  use(id: string): Value | undefined {
    const entry = this.#find(id);
    if (!entry) return undefined;
    unlink(entry);
    this.#append(entry);
    return entry.value;
  }

  /** Adds a value under an id that is not there. */
  add(id: string, value: Value): void {
    const entry: Entry<Value> = { id, value, usedAt: 0, older: this.#ring, newer: this.#ring, next: undefined };
    if (this.#size >= this.#buckets.length) this.#grow();
    this.#insert(entry);
    this.#append(entry);
    this.#size++;
  }

  /** Takes a value out. */
  take(id: string): Value | undefined {
    const bucket = this.#bucketOf(id);
    let before: Entry<Value> | undefined;
    let entry = this.#buckets[bucket];
    while (entry && entry.id !== id) {
      before = entry;
      entry = entry.next;
    }
    if (!entry) return undefined;
    if (before) before.next = entry.next;
    else this.#buckets[bucket] = entry.next;
    unlink(entry);
    entry.older = entry.newer = entry;
    entry.next = undefined;
    this.#size--;
    return entry.value;
  }

  /** The least recently used first: at most `count`, and none that was used after `until`, by `performance.now()`. */
  oldest(
    count: number = Number.POSITIVE_INFINITY,
    until: number = Number.POSITIVE_INFINITY,
  ): readonly Pick<Entry<Value>, "id" | "value">[] {
    const found: Entry<Value>[] = [];
    let entry = this.#ring.newer;
    for (; entry !== this.#ring && found.length < count && entry.usedAt <= until; entry = entry.newer)
      found.push(entry);
    return found;
  }

  #find(id: string): Entry<Value> | undefined {
    let entry = this.#buckets[this.#bucketOf(id)];
    while (entry && entry.id !== id) entry = entry.next;
    return entry;
  }

  #bucketOf(id: string): number {
    // JavaScript callers, and frameworks that leave an id out, come with anything.
    if (typeof id !== "string") return 0;
    let hash = 0;
    for (let i = Math.max(0, id.length - HASHED_CHARS); i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) | 0;
    return hash & (this.#buckets.length - 1);
  }

  #insert(entry: Entry<Value>): void {
    const bucket = this.#bucketOf(entry.id);
    entry.next = this.#buckets[bucket];
    this.#buckets[bucket] = entry;
  }

  #grow(): void {
    this.#buckets = Array.from<undefined>({ length: this.#buckets.length * 2 });
    for (let entry = this.#ring.newer; entry !== this.#ring; entry = entry.newer) this.#insert(entry);
  }

  #append(entry: Entry<Value>): void {
    const newest = this.#ring.older;
    entry.usedAt = performance.now();
    entry.older = newest;
    entry.newer = this.#ring;
    newest.newer = this.#ring.older = entry;
  }
}

function unlink<Value>({ older, newer }: Entry<Value>): void {
  older.newer = newer;
  newer.older = older;
}
