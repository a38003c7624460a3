import { decodeHead, entryAt, type JsonIndex, keyOf, pathOf, sourceOf } from "./json-index.ts";

/** A visible line. Plain data: it comes from a worker when the text is large. */
export interface JsonLine {
  entry: number;
  depth: number;
  /** The property's name or the index; `null` at the top. */
  label: string | null;
  kind: "object" | "array" | "string" | "number" | "literal";
  /** A leaf's text, strings without quotes; of a container, what it holds in a few words. */
  text: string;
  /** Characters of the whole value when `text` is only its beginning; else 0. */
  cutOf: number;
  childCount: number;
  isOpen: boolean;
}

/** Longer strings are cut until asked for: one of them can be the size of a book. */
export const MAX_STRING_CHARS = 1_500;

/** Of a string that was asked for as a whole. More is for the file it can be copied to. */
export const MAX_WHOLE_CHARS = 400_000;

const OPEN_DEPTH = 3;
const OPEN_LINES = 60;

/** Lines that may be open at once: a browser's scroll area ends a little above. */
const MAX_LINES = 400_000;

const KINDS = ["object", "array", "string", "number", "literal"] as const;

/** Which lines of an indexed text are visible. Only what is opened is walked. */
export class JsonView {
  readonly #index: JsonIndex;
  readonly #top: number;
  readonly #toggled = new Map<number, boolean>();
  readonly #whole = new Set<number>();
  /** Of arrays whose items are shown. */
  readonly #entriesOf = new Map<number, number[]>();
  /** Entries of the visible lines, and their depths. */
  #lines: number[] = [];
  #depths: number[] = [];

  constructor(index: JsonIndex, top = 0) {
    this.#index = index;
    this.#top = top;
    this.#rebuild();
  }

  get lineCount(): number {
    return this.#lines.length;
  }

  lines(from: number, to: number): JsonLine[] {
    const found: JsonLine[] = [];
    for (let line = Math.max(0, from); line < Math.min(to, this.#lines.length); line++) found.push(this.#line(line));
    return found;
  }

  toggle(entry: number, isOpen: boolean): void {
    this.#toggled.set(entry, isOpen);
    this.#rebuild();
  }

  showWhole(entry: number): void {
    this.#whole.add(entry);
  }

  /** The line of the next place that holds the text, behind (or before) a line, in a circle; opens what is above it. -1: nowhere. */
  find(text: string, fromLine: number, step: 1 | -1): number {
    const start = this.#index.starts[this.#top] ?? 0;
    const end = this.#index.ends[this.#top] ?? 0;
    const here = this.#lines[fromLine];
    const offset =
      step === 1
        ? searchForward(this.#index.text, text, here === undefined ? start : this.#behind(here), start, end)
        : searchBack(this.#index.text, text, here === undefined ? end : this.#before(here), start, end);
    if (offset === -1) return -1;
    const entry = entryAt(this.#index, offset);
    let isChanged = false;
    for (let above = this.#index.parents[entry] ?? -1; above >= this.#top; above = this.#index.parents[above] ?? -1) {
      if (this.#toggled.get(above) === true) continue;
      this.#toggled.set(above, true);
      isChanged = true;
    }
    if (isChanged) this.#rebuild();
    return this.#lines.indexOf(entry);
  }

  /** Where a line's own text ends: behind a leaf, at the opening bracket of a container. */
  #behind(entry: number): number {
    const isLeaf = (this.#index.childCounts[entry] ?? 0) === 0;
    return (isLeaf ? this.#index.ends[entry] : this.#index.starts[entry]) ?? 0;
  }

  /** Where a line's text begins: at its name, if it has one. */
  #before(entry: number): number {
    const key = this.#index.keys[entry] ?? -1;
    return key >= 0 ? key : (this.#index.starts[entry] ?? 0);
  }

  path(entry: number): string {
    return pathOf(this.#index, entry, this.#top);
  }

  source(entry: number): string {
    return sourceOf(this.#index, entry);
  }

  #isOpen(entry: number, depth: number): boolean {
    if ((this.#index.childCounts[entry] ?? 0) === 0) return false;
    return this.#toggled.get(entry) ?? (depth < OPEN_DEPTH && this.#lines.length < OPEN_LINES);
  }

  #rebuild(): void {
    const { parents, nexts } = this.#index;
    const previous = this.#lines;
    this.#lines = [];
    this.#depths = [];
    const end = nexts[this.#top] ?? 0;
    let depth = 0;
    let above = parents[this.#top] ?? -1;
    for (let entry = this.#top; entry < end && this.#lines.length < MAX_LINES;) {
      // Entries come in document order, so the depth changes by who the parent is.
      while (parents[entry] !== above) {
        if (parents[entry] === this.#lines.at(-1)) {
          above = parents[entry] ?? -1;
          depth++;
        } else {
          above = parents[above] ?? -1;
          depth--;
        }
      }
      this.#lines.push(entry);
      this.#depths.push(depth);
      entry = this.#isOpen(entry, depth) ? entry + 1 : (nexts[entry] ?? end);
    }
    // What stood open by default stays so when something else is toggled.
    if (previous.length > 0) return;
    for (const [line, entry] of this.#lines.entries()) {
      const next = this.#lines[line + 1];
      if (next !== undefined && parents[next] === entry) this.#toggled.set(entry, true);
      else if ((this.#index.childCounts[entry] ?? 0) > 0) this.#toggled.set(entry, false);
    }
  }

  #line(line: number): JsonLine {
    const entry = this.#lines[line] ?? 0;
    const depth = this.#depths[line] ?? 0;
    const kind = KINDS[this.#index.kinds[entry] ?? 4] ?? "literal";
    const childCount = this.#index.childCounts[entry] ?? 0;
    const next = this.#lines[line + 1];
    const isOpen = next !== undefined && this.#index.parents[next] === entry;
    const label = entry === this.#top ? null : (keyOf(this.#index, entry) ?? String(this.#arrayPosition(entry)));
    const base = { entry, depth, label, kind, childCount, isOpen, cutOf: 0 };
    if (kind === "object" || kind === "array") return { ...base, text: this.#summary(entry, kind, childCount) };
    if (kind !== "string") return { ...base, text: sourceOf(this.#index, entry) };
    const size = (this.#index.ends[entry] ?? 0) - (this.#index.starts[entry] ?? 0) - 2;
    const { text, isCut } = decodeHead(this.#index, entry, this.#whole.has(entry) ? MAX_WHOLE_CHARS : MAX_STRING_CHARS);
    return { ...base, text, cutOf: isCut ? size : 0 };
  }

  /** Its index in its array. The array's entries are listed once, not counted for each line. */
  #arrayPosition(entry: number): number {
    const parent = this.#index.parents[entry] ?? -1;
    let entries = this.#entriesOf.get(parent);
    if (entries === undefined) {
      entries = [];
      for (let at = parent + 1; at < (this.#index.nexts[parent] ?? 0); at = this.#index.nexts[at] ?? at + 1) {
        entries.push(at);
      }
      this.#entriesOf.set(parent, entries);
    }
    return this.#positionIn(entries, entry);
  }

  #positionIn(entries: readonly number[], entry: number): number {
    let [low, high] = [0, entries.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((entries[middle] ?? 0) < entry) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #summary(entry: number, kind: "object" | "array", childCount: number): string {
    if (kind === "array") return childCount === 0 ? "[]" : `[ ${childCount} ${childCount === 1 ? "item" : "items"} ]`;
    if (childCount === 0) return "{}";
    const names: string[] = [];
    for (let at = entry + 1; names.length < Math.min(4, childCount); at = this.#index.nexts[at] ?? at + 1) {
      names.push((keyOf(this.#index, at) ?? "").slice(0, 40));
    }
    return `{ ${names.join(", ")}${childCount > names.length ? ", …" : ""} }`;
  }
}

function searchForward(text: string, typed: string, at: number, start: number, end: number): number {
  const found = indexOfFolded(text, typed, at, end);
  return found === -1 ? indexOfFolded(text, typed, start, end) : found;
}

function searchBack(text: string, typed: string, at: number, start: number, end: number): number {
  let last = -1;
  let lastBefore = -1;
  for (
    let found = indexOfFolded(text, typed, start, end);
    found !== -1;
    found = indexOfFolded(text, typed, found + 1, end)
  ) {
    if (found < at) lastBefore = found;
    last = found;
    if (found >= at && lastBefore !== -1) break;
  }
  return lastBefore === -1 ? last : lastBefore;
}

/** Without regard to case for what has no letters outside ASCII; by piece, so that nothing as large as the text is made. */
function indexOfFolded(text: string, typed: string, from: number, end: number): number {
  const piece = 1 << 20;
  const folded = typed.toLowerCase();
  for (let at = from; at < end; at += piece) {
    const part = text.slice(at, Math.min(end, at + piece + typed.length - 1));
    const found = part.toLowerCase().indexOf(folded);
    if (found !== -1) return at + found;
  }
  return -1;
}
