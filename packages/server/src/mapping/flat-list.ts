import type { AttributeValue } from "../ingest/otlp-span.ts";
import type { FlatList } from "./table.ts";

/** One leaf of a list that was sent flattened. */
export interface FlatAttribute {
  /** The attribute's whole name. */
  key: string;
  /** From the index on: `["0", "tool_calls", "1", "id"]`. */
  path: readonly string[];
  value: AttributeValue;
}

/** Names with more segments are no list's. */
const MAX_SEGMENTS = 24;
const INDEX = /^\d{1,6}$/;

/** The way to a leaf, from what follows the list's prefix; `null` when that does not begin with an index. */
export function parsePath(name: string, { wrappers = [], renames = {} }: FlatList): string[] | null {
  const segments = name.split(".");
  if (!INDEX.test(segments[0] ?? "") || segments.length > MAX_SEGMENTS) return null;
  return segments
    .filter((segment, position) => !wrappers.includes(segment) || position === segments.length - 1)
    .flatMap((segment) => (Object.hasOwn(renames, segment) ? (renames[segment] ?? "").split(".") : [segment]));
}

type Level = Map<string, Level | AttributeValue>;

/**
 * Puts the leaves together again. A level whose names are all numbers is a list, in their order and without holes. Where two leaves
 * do not fit into one tree the first stays; the others are returned, so that nothing gets lost.
 */
export function unflatten(leaves: readonly FlatAttribute[]): { items: AttributeValue[]; misfits: FlatAttribute[] } {
  const root: Level = new Map();
  const misfits: FlatAttribute[] = [];
  for (const leaf of leaves) if (!insert(root, leaf)) misfits.push(leaf);
  const items = build(root);
  return { items: Array.isArray(items) ? items : [items], misfits };
}

function insert(root: Level, { path, value }: FlatAttribute): boolean {
  let level = root;
  for (const [position, segment] of path.entries()) {
    const existing = level.get(segment);
    if (position === path.length - 1) {
      if (existing !== undefined) return false;
      level.set(segment, value);
      return true;
    }
    if (existing === undefined) {
      const next: Level = new Map();
      level.set(segment, next);
      level = next;
    } else if (existing instanceof Map) {
      level = existing;
    } else {
      return false;
    }
  }
  return true;
}

function build(level: Level): AttributeValue {
  const members = [...level].map(([name, value]): [string, AttributeValue] => [
    name,
    value instanceof Map ? build(value) : value,
  ]);
  if (!members.every(([name]) => INDEX.test(name))) return Object.fromEntries(members);
  return members.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}
