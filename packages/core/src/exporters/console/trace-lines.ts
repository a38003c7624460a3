import type { Receipt } from "../../pipeline/ledger.ts";

/** What is kept of a finished observation until its trace is printed: no payload. */
export interface Entry {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly startTime: number;
  readonly line: string;
  readonly receipt: Receipt;
}

/**
 * The entries of one trace as a tree, by start time. Those whose parent is not among them stand at the top, and so does one of
 * those that are, by ids that were passed by hand, each other's parents.
 */
export function treeLines(entries: readonly Entry[]): string[] {
  const sorted = [...entries].sort((a, b) => a.startTime - b.startTime);
  const known = new Set(entries.map(({ id }) => id));
  const children = new Map<string, Entry[]>();
  const tops: Entry[] = [];
  for (const entry of sorted) {
    const { parentId } = entry;
    const siblings = parentId === undefined ? undefined : children.get(parentId);
    if (parentId === undefined || !known.has(parentId)) tops.push(entry);
    else if (siblings) siblings.push(entry);
    else children.set(parentId, [entry]);
  }
  const lines: string[] = [];
  const printed = new Set<Entry>();
  for (const top of [...tops, ...sorted]) appendTree(top, children, printed, lines);
  return lines;
}

function appendTree(
  top: Entry,
  children: ReadonlyMap<string, readonly Entry[]>,
  printed: Set<Entry>,
  lines: string[],
): void {
  // A loop and not a recursion: traces may be thousands of levels deep.
  const open = [{ entry: top, indent: "", branch: "" }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { entry, indent, branch } = next;
    if (printed.has(entry)) continue;
    printed.add(entry);
    lines.push(`${indent}${branch}${entry.line}`);
    const inner = indent + (branch === "" ? "" : branch === LAST ? "   " : "│  ");
    const below = children.get(entry.id) ?? [];
    const deeper = inner.length >= MAX_INDENT_CHARS ? `${inner.slice(0, MAX_INDENT_CHARS)}… ` : inner;
    for (let i = below.length - 1; i >= 0; i--) {
      open.push({ entry: below[i]!, indent: deeper, branch: i === below.length - 1 ? LAST : MORE });
    }
  }
}

const LAST = "└─ ";
const MORE = "├─ ";
/** Deeper levels are not indented further. */
const MAX_INDENT_CHARS = 90;
