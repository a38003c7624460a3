import { children, nameOf, type TraceModel, typeOf } from "../trace/model.ts";

/** One line of a comparison: the same step in both traces, or a step that only one has (-1 in the other). */
export interface AlignedRow {
  a: number;
  b: number;
  depth: number;
}

/** Pairs of siblings compared in full; longer lists are matched from both ends and by name in order, which is linear. */
const MAX_TABLE = 250_000;

/**
 * Two traces as one tree: siblings are matched by type and name along their longest common subsequence, then what is below each
 * pair is matched in turn. Steps of one trace alone stay where they are in its order.
 */
export function align(a: TraceModel, b: TraceModel): AlignedRow[] {
  const rows: AlignedRow[] = [];
  const roots = (model: TraceModel): number[] => [...model.order].filter((index) => (model.parents[index] ?? -1) < 0);
  // A stack and no recursion: a chain may be as deep as a trace is long.
  const pending = pairs(a, b, roots(a), roots(b), 0).toReversed();
  for (let row = pending.pop(); row !== undefined; row = pending.pop()) {
    rows.push(row);
    const below = pairs(
      a,
      b,
      row.a === -1 ? [] : children(a, row.a),
      row.b === -1 ? [] : children(b, row.b),
      row.depth + 1,
    );
    for (const next of below.toReversed()) pending.push(next);
  }
  return rows;
}

function pairs(a: TraceModel, b: TraceModel, inA: number[], inB: number[], depth: number): AlignedRow[] {
  const keysA = inA.map((index) => keyOf(a, index));
  const keysB = inB.map((index) => keyOf(b, index));
  return matchLists(keysA, keysB).map(([i, j]) => ({ a: inA[i] ?? -1, b: inB[j] ?? -1, depth }));
}

function keyOf(model: TraceModel, index: number): string {
  return `${typeOf(model, index)}\n${nameOf(model, index)}`;
}

/** Places that belong together, in order; -1 where the other list has none. */
export function matchLists(a: readonly string[], b: readonly string[]): [number, number][] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (from: number, count: number, shift: number): [number, number][] =>
    Array.from({ length: count }, (_, at) => [from + at, from + at + shift]);
  const middleA = a.slice(start, a.length - end);
  const middleB = b.slice(start, b.length - end);
  const match = middleA.length * middleB.length > MAX_TABLE ? matchInOrder : longestCommon;
  return [
    ...same(0, start, 0),
    ...match(middleA, middleB).map(([i, j]): [number, number] => [
      i === -1 ? -1 : i + start,
      j === -1 ? -1 : j + start,
    ]),
    ...same(a.length - end, end, b.length - a.length),
  ];
}

function longestCommon(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] =
        a[i] === b[j] ? (lengths[at + width + 1] ?? 0) + 1 : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  const found: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) found.push([i++, j++]);
    else if (
      j >= b.length ||
      (i < a.length && (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    )
      found.push([i++, -1]);
    else found.push([-1, j++]);
  }
  return found;
}

/** Each of `a` with the next of the same key in `b`: not the longest, but linear. */
function matchInOrder(a: readonly string[], b: readonly string[]): [number, number][] {
  const places = new Map<string, number[]>();
  b.forEach((key, j) => {
    const known = places.get(key);
    if (known === undefined) places.set(key, [j]);
    else known.push(j);
  });
  const nextOf = new Map<string, number>();
  const found: [number, number][] = [];
  let done = 0;
  a.forEach((key, i) => {
    const list = places.get(key) ?? [];
    let at = nextOf.get(key) ?? 0;
    while ((list[at] ?? Number.POSITIVE_INFINITY) < done) at++;
    const j = list[at];
    nextOf.set(key, at + 1);
    if (j === undefined) {
      found.push([i, -1]);
      return;
    }
    while (done < j) found.push([-1, done++]);
    found.push([i, j]);
    done = j + 1;
  });
  while (done < b.length) found.push([-1, done++]);
  return found;
}
