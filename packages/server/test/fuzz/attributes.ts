import fc from "fast-check";
import type { AttributeValue } from "../../src/ingest/otlp-span.ts";
import { TABLES } from "../../src/mapping/tables/index.ts";

/** Every name that a table knows, and leaves of every flattened list. */
export const KNOWN_NAMES: string[] = TABLES.flatMap((table) => [
  ...Object.values(table.fields).flatMap((sources) => sources.map((source) => source.key)),
  ...Object.values(table.groups ?? {}).flatMap((prefixes) => prefixes.map((prefix) => `${prefix}member`)),
  ...Object.keys(table.usage?.names ?? {}).map((name) => `${table.usage?.prefix ?? ""}${name}`),
  ...(table.lists ?? []).flatMap(({ prefix }) =>
    ["0.message.role", "0.name", "1.content", "0.score", "0.embedding.vector", "0.__proto__.x", "7.a.b.0.c"].map(
      (leaf) => prefix + leaf,
    ),
  ),
]);

const scalar = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom("", "{}", "[]", "null", '{"a":', '"x"', "1e999", '{"__proto__":{"polluted":1}}', "ERROR", "LLM"),
);

export const attributeValue: fc.Arbitrary<AttributeValue> = fc
  .oneof(
    scalar,
    fc.constant(null),
    fc.array(scalar, { maxLength: 3 }),
    fc.dictionary(fc.string(), scalar, { maxKeys: 3 }),
  )
  // As the decoders hand them over: no number that JSON cannot hold.
  .map((value) => JSON.parse(JSON.stringify(value)) as AttributeValue);

/** As OTLP/JSON has it. */
export function attributeOf(key: string, value: AttributeValue): { key: string; value: unknown } {
  return { key, value: anyValueOf(value) };
}

function anyValueOf(value: AttributeValue): unknown {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValueOf) } };
  return { kvlistValue: { values: Object.entries(value).map(([key, member]) => attributeOf(key, member)) } };
}
