import type { QueryNode } from "./ast.ts";
import type { FieldName } from "./fields.ts";

/** The query without what it says about a field: which of its values could be chosen instead. */
export function withoutField(node: QueryNode | null, name: FieldName): QueryNode | null {
  if (node === null) return null;
  switch (node.kind) {
    case "and":
    case "or": {
      const nodes = node.nodes.flatMap((child) => withoutField(child, name) ?? []);
      // A choice of which one side is gone is no longer one: everything may be chosen.
      if (node.kind === "or" && nodes.length < node.nodes.length) return null;
      return nodes.length === 0 ? null : { kind: node.kind, nodes };
    }
    case "not": {
      const inner = withoutField(node.node, name);
      return inner === null ? null : { kind: "not", node: inner };
    }
    case "text":
      return node;
    default:
      return node.field.name === name ? null : node;
  }
}
