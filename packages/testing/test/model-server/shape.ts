import { isObject, parseJson } from "../../src/json.ts";

/** How `ours` is built otherwise than `real`: keys that only one has, values of another type. `null` fits anything. */
export function shapeDifferences(real: unknown, ours: unknown, path = ""): string[] {
  if (real === null || ours === null || real === undefined || ours === undefined) return [];
  if (Array.isArray(real) && Array.isArray(ours)) {
    const items = [real, ours].map((list) =>
      list.reduce((all: unknown, item: unknown) => mergeShapes(all, item), undefined),
    );
    return shapeDifferences(items[0], items[1], `${path}[]`);
  }
  if (isObject(real) && isObject(ours)) {
    const keys = new Set([...Object.keys(real), ...Object.keys(ours)]);
    return [...keys].flatMap((key) => {
      const at = path === "" ? key : `${path}.${key}`;
      if (!(key in ours)) return [`missing ${at}`];
      if (!(key in real)) return [`extra ${at}`];
      return shapeDifferences(real[key], ours[key], at);
    });
  }
  return typeof real === typeof ours ? [] : [`${path}: ${typeof ours} instead of ${typeof real}`];
}

/** One value with every key that either has. */
export function mergeShapes(a: unknown, b: unknown): unknown {
  if (a === undefined || a === null) return b;
  if (b === undefined || b === null) return a;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (!isObject(a) || !isObject(b)) return a;
  return Object.fromEntries(Object.keys({ ...a, ...b }).map((key) => [key, mergeShapes(a[key], b[key])]));
}

/** The events of an SSE body: those of one type merged into one shape. Chat chunks have no type and become one. */
export function streamShape(sse: string): { shape: Record<string, unknown>; order: string[]; endsWithDone: boolean } {
  const shape: Record<string, unknown> = {};
  const order: string[] = [];
  const data = sse.split(/\r?\n/).flatMap((line) => (line.startsWith("data:") ? [line.slice(5).trim()] : []));
  for (const text of data) {
    if (text === "[DONE]") continue;
    const event = parseJson(text);
    const type = isObject(event) && typeof event["type"] === "string" ? event["type"] : "chunk";
    shape[type] = mergeShapes(shape[type], event);
    if (order.at(-1) !== type) order.push(type);
  }
  return { shape, order, endsWithDone: data.at(-1) === "[DONE]" };
}
