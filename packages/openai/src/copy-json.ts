import { isFields } from "./fields.ts";

/** Deeper values are left out. */
const MAX_DEPTH = 32;

/** What of an answer may still be kept: `chars` in UTF-16 units, `nodes` in objects, lists and values. */
export interface Budget {
  chars: number;
  nodes: number;
  /** What was left out. */
  cutChars: number;
  cutNodes: number;
}

/**
 * A copy of somebody's JSON, which they may change afterwards. Texts are shared, so it costs as much as the structure, and a
 * text for which there is no room is cut. Undefined where the structure itself has no room.
 */
export function copyJson(value: unknown, budget: Budget, depth = 0): unknown {
  if (budget.nodes <= 0 || depth > MAX_DEPTH) {
    budget.cutNodes += 1;
    return undefined;
  }
  budget.nodes -= 1;
  if (typeof value === "string") return takeText(value, budget);
  if (Array.isArray(value)) {
    const out: unknown[] = [];
    for (const item of value) {
      const copy = copyJson(item, budget, depth + 1);
      if (copy !== undefined) out.push(copy);
    }
    return out;
  }
  if (!isFields(value)) return value;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const copy = copyJson(item, budget, depth + 1);
    if (copy !== undefined) Object.defineProperty(out, key, { value: copy, enumerable: true, writable: true });
  }
  return out;
}

/** The part of `text` for which there is room. */
export function takeText(text: string, budget: Budget): string {
  const kept = text.length <= budget.chars ? text : text.slice(0, budget.chars);
  budget.chars -= kept.length;
  budget.cutChars += text.length - kept.length;
  return kept;
}
