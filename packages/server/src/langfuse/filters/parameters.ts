import type { Query } from "../../http/query.ts";
import type { QueryNode, QueryTarget } from "../../query/language/ast.ts";
import type { FieldName } from "../../query/language/fields.ts";
import { findColumn } from "./columns.ts";
import { anyOf, match, readFilter } from "./condition.ts";

/** Parameters that are one value each, by target. */
const TEXTS: Record<QueryTarget, readonly string[]> = {
  observations: ["traceId", "name", "type", "level", "userId", "sessionId", "version"],
  traces: ["name", "userId", "sessionId", "version", "release"],
};

/**
 * The conditions of a list: `filter`, which takes the place of all others, or the single parameters. `null`: there are none.
 *
 * @throws {HttpError} 400 or 501.
 */
export function readConditions(target: QueryTarget, query: Query): QueryNode | null {
  const filter = query.text("filter");
  const nodes = filter === undefined ? readParameters(target, query) : readFilter(target, filter);
  return nodes.length === 0 ? null : { kind: "and", nodes };
}

function readParameters(target: QueryTarget, query: Query): QueryNode[] {
  const nodes: QueryNode[] = [];
  const ref = (name: FieldName) => ({ name, key: null });
  for (const name of TEXTS[target]) {
    const value = query.text(name);
    const column = findColumn(target, name);
    if (value === undefined || column === undefined || column === "unsupported") continue;
    nodes.push(match(ref(column.field), column.lower === true ? value.toLowerCase() : value));
  }
  const environments = query.list("environment");
  if (environments !== undefined) nodes.push(anyOf(ref("environment"), environments));
  if (target === "traces") {
    // All of them; a tag may hold a comma.
    for (const tag of query.repeated("tags") ?? []) nodes.push(match(ref("tag"), tag));
  } else {
    const parent = query.raw("parentObservationId");
    if (parent === "") nodes.push({ kind: "not", node: { kind: "has", field: ref("parent") } });
    else if (parent !== undefined) nodes.push(match(ref("parent"), parent));
    const isRoot = query.flag("isRootObservation");
    if (isRoot !== undefined) nodes.push({ kind: "flag", field: ref("root"), value: isRoot });
  }
  const [fromName, toName] =
    target === "traces" ? (["fromTimestamp", "toTimestamp"] as const) : (["fromStartTime", "toStartTime"] as const);
  const [from, to] = [query.time(fromName), query.time(toName)];
  if (from !== undefined || to !== undefined) {
    nodes.push({
      kind: "range",
      field: ref("start"),
      min: from === undefined ? null : { value: from, inclusive: true },
      max: to === undefined ? null : { value: to, inclusive: false },
    });
  }
  return nodes;
}
