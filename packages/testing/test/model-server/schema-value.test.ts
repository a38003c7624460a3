import * as fc from "fast-check";
import { expect, test } from "vitest";
import { asNumber, asObject, asObjects, asStrings, isObject } from "../../src/json.ts";
import type { JsonObject } from "../../src/json.ts";
import { valueForSchema } from "../../src/model-server/answer/schema-value.ts";

const facts = {
  question: "How many apples did Alice Smith buy in Vienna on 2024-05-01?",
  text: "Alice Smith bought 12 apples, 3.5 kg, in Vienna.",
  answer: "Alice Smith bought 12 apples.",
  sources: ["shop.md"],
};

/** What is wrong with a value; the generator's subset of JSON schema only. */
function violations(schema: JsonObject, value: unknown, path = "$"): string[] {
  if (Array.isArray(schema["enum"])) return schema["enum"].includes(value) ? [] : [`${path} not in enum`];
  const variants = asObjects(schema["anyOf"]);
  if (variants.length > 0) {
    return variants.some((variant) => violations(variant, value).length === 0) ? [] : [`${path} fits no variant`];
  }
  switch (schema["type"]) {
    case "object": {
      if (!isObject(value)) return [`${path} is no object`];
      const properties = asObject(schema["properties"]);
      return [
        ...asStrings(schema["required"]).flatMap((key) => (key in value ? [] : [`${path}.${key} is missing`])),
        ...Object.entries(value).flatMap(([key, item]) =>
          key in properties
            ? violations(asObject(properties[key]), item, `${path}.${key}`)
            : [`${path}.${key} is extra`],
        ),
      ];
    }
    case "array": {
      if (!Array.isArray(value)) return [`${path} is no array`];
      const isShort = value.length < (asNumber(schema["minItems"]) ?? 0);
      const isLong = value.length > (asNumber(schema["maxItems"]) ?? Infinity);
      return [
        ...(isShort || isLong ? [`${path} has ${value.length} items`] : []),
        ...value.flatMap((item, index) => violations(asObject(schema["items"]), item, `${path}[${index}]`)),
      ];
    }
    case "integer":
    case "number": {
      const isRight = typeof value === "number" && (schema["type"] === "number" || Number.isInteger(value));
      const isInside =
        Number(value) >= (asNumber(schema["minimum"]) ?? -Infinity) &&
        Number(value) <= (asNumber(schema["maximum"]) ?? Infinity);
      return isRight && isInside ? [] : [`${path} is ${String(value)}`];
    }
    case "boolean":
      return typeof value === "boolean" ? [] : [`${path} is no boolean`];
    case "null":
      return value === null ? [] : [`${path} is not null`];
    default:
      return typeof value === "string" && value.length >= (asNumber(schema["minLength"]) ?? 0)
        ? []
        : [`${path} is no string`];
  }
}

const name = fc.constantFrom(
  "answer",
  "age",
  "city",
  "sources",
  "steps",
  "unit",
  "query",
  "path",
  "date",
  "limit",
  "x",
  "isOpen",
);
const { schema } = fc.letrec<{ schema: JsonObject; leaf: JsonObject }>((tie) => ({
  leaf: fc.oneof(
    fc.record({ type: fc.constant("string"), minLength: fc.nat(5) }),
    fc.record({
      type: fc.constantFrom("integer", "number"),
      minimum: fc.integer({ min: -9, max: 3 }),
      maximum: fc.integer({ min: 4, max: 40 }),
    }),
    fc.constantFrom<JsonObject>({ type: "boolean" }, { type: "null" }, { enum: ["red", "green"] }, { enum: [1, 2] }),
  ),
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie("leaf"),
    fc.record({
      type: fc.constant("array"),
      items: tie("schema"),
      minItems: fc.nat(2),
      maxItems: fc.integer({ min: 2, max: 4 }),
    }),
    fc.record({ anyOf: fc.array(tie("leaf"), { minLength: 1, maxLength: 3 }) }),
    fc.tuple(fc.dictionary(name, tie("schema"), { maxKeys: 5 }), fc.boolean()).map(([properties, isStrict]) => ({
      type: "object",
      properties,
      required: isStrict ? Object.keys(properties) : [],
    })),
  ),
}));

test("any schema of the subset gets a valid value, the same each time", () => {
  fc.assert(
    fc.property(schema, (generated) => {
      const value = valueForSchema(generated, facts);
      expect(violations(generated, value)).toEqual([]);
      expect(valueForSchema(generated, facts)).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

test("a recursive schema ends", () => {
  const tree = {
    type: "object",
    required: ["name", "children"],
    properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#" } } },
  };
  const value = asObject(valueForSchema(tree, facts));
  expect(value["name"]).toBe("Alice Smith");
  expect(JSON.stringify(value).length).toBeLessThan(2000);
});

test("the checker finds what is wrong", () => {
  const wanted = { type: "object", properties: { a: { type: "integer", maximum: 3 } }, required: ["a"] };
  expect(violations(wanted, {})).toEqual(["$.a is missing"]);
  expect(violations(wanted, { a: 4, b: 1 })).toEqual(["$.a is 4", "$.b is extra"]);
});
