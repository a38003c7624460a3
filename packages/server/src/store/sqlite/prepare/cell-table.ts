/** A payload's pieces, or numbers of terms. */
export type CellList = readonly (string | number)[];
export type Cell = string | number | null | CellList;

/**
 * Rows of values, of which each short string is there once. A batch crosses to the writer as bytes, and a value of its own costs more
 * there than what it says: rows as arrays take three times as long.
 */
export interface CellTable {
  width: number;
  /** Of each cell, its kind in the lower two bits and a place in the list of that kind above them. */
  refs: Uint32Array;
  numbers: Float64Array;
  strings: string[];
  lists: CellList[];
}

/** A longer string is hardly ever there twice, and looking costs as much as it is long. */
const MAX_SHARED_CHARS = 40;

/** Cells. */
const FIRST_CAPACITY = 4096;

const KIND_BITS = 2;
const KIND_MASK = 3;
const NUMBER = 1;
const STRING = 2;
const LIST = 3;

/** Gathers a {@link CellTable}, cell by cell and row by row. */
export class CellTableBuilder {
  readonly #width: number;
  #refs = new Uint32Array(FIRST_CAPACITY);
  #count = 0;
  readonly #numbers: number[] = [];
  readonly #strings: string[] = [];
  readonly #lists: CellList[] = [];
  readonly #refOfString = new Map<string, number>();

  constructor(width: number) {
    this.#width = width;
  }

  push(cell: Cell): void {
    if (this.#count === this.#refs.length) this.#grow();
    this.#refs[this.#count] = cell === null ? 0 : this.#refOf(cell);
    this.#count += 1;
  }

  build(): CellTable {
    return {
      width: this.#width,
      refs: this.#refs.subarray(0, this.#count),
      // Not `from`, which goes by iterators.
      numbers: new Float64Array(this.#numbers),
      strings: this.#strings,
      lists: this.#lists,
    };
  }

  #grow(): void {
    const larger = new Uint32Array(2 * this.#refs.length);
    larger.set(this.#refs);
    this.#refs = larger;
  }

  #refOf(cell: string | number | CellList): number {
    if (typeof cell === "string") return this.#refOfText(cell);
    if (typeof cell === "number") return ((this.#numbers.push(cell) - 1) << KIND_BITS) | NUMBER;
    return ((this.#lists.push(cell) - 1) << KIND_BITS) | LIST;
  }

  #refOfText(text: string): number {
    if (text.length > MAX_SHARED_CHARS) return this.#addString(text);
    let ref = this.#refOfString.get(text);
    if (ref === undefined) this.#refOfString.set(text, (ref = this.#addString(text)));
    return ref;
  }

  #addString(text: string): number {
    return ((this.#strings.push(text) - 1) << KIND_BITS) | STRING;
  }
}

export function rowCount({ refs, width }: CellTable): number {
  return refs.length / width;
}

/** @returns the cells of a row from one column up to another. */
export function cellsOf(table: CellTable, row: number, from: number, to: number): Cell[] {
  const { refs, numbers, strings, lists, width } = table;
  const cells: Cell[] = [];
  for (let at = row * width + from; at < row * width + to; at++) {
    const ref = refs[at] ?? 0;
    const kind = ref & KIND_MASK;
    const place = ref >>> KIND_BITS;
    if (kind === STRING) cells.push(strings[place] ?? null);
    else if (kind === NUMBER) cells.push(numbers[place] ?? null);
    else cells.push(kind === LIST ? (lists[place] ?? null) : null);
  }
  return cells;
}
