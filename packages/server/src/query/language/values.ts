import { QueryError, type Bound, type FieldRef, type QueryNode } from "./ast.ts";
import type { FieldDefinition, FieldKind } from "./fields.ts";
import type { Span } from "./reader.ts";
import { suggest } from "./suggest.ts";
import { readTimeSpan } from "./times.ts";

interface Written {
  operator: string;
  value: Span;
}

/** Reads what stands after a field's colon. @throws {QueryError} */
export function parseFieldValue(
  field: FieldRef,
  definition: FieldDefinition,
  written: Written,
  now: number,
): QueryNode {
  const { operator, value } = written;
  switch (definition.kind) {
    case "boolean":
      return parseFlag(field, written);
    case "enum":
      return parseEnum(field, definition, written);
    case "text":
      if (operator !== "" && operator !== "=") {
        throw new QueryError(
          `${definition.name} is text: it has no order.`,
          value.start - operator.length,
          value.start,
        );
      }
      return matchNode(field, value);
    case "key": {
      const number = readNumber(value.text, "count");
      if (operator === "" && (value.quoted || number === null || field.name === "metadata"))
        return matchNode(field, value);
      if (number === null) throw notA("a number", value);
      return rangeNode(field, operator, { from: number, to: number });
    }
    default:
      return parseRange(field, definition.kind, written, now);
  }
}

function matchNode(field: FieldRef, value: Span): QueryNode {
  return { kind: "match", field, value: value.text, wildcard: !value.quoted && value.text.includes("*") };
}

function parseFlag(field: FieldRef, { operator, value }: Written): QueryNode {
  const word = value.text.toLowerCase();
  if (operator !== "" || (word !== "true" && word !== "false")) throw notA("true or false", value, ["true", "false"]);
  return { kind: "flag", field, value: word === "true" };
}

function parseEnum(field: FieldRef, { name, values = [] }: FieldDefinition, { operator, value }: Written): QueryNode {
  if (operator !== "" && operator !== "=") {
    throw new QueryError(`${name} has no order.`, value.start - operator.length, value.start);
  }
  const found = values.find((candidate) => candidate.toLowerCase() === value.text.toLowerCase());
  if (found !== undefined) return { kind: "match", field, value: found, wildcard: false };
  const near = suggest(value.text, values);
  throw new QueryError(
    `${name} is one of ${values.join(", ")}.`,
    value.start,
    value.end,
    near.length > 0 ? near : [...values],
  );
}

/** A number, a duration, an amount or a time; two of them with `..` between are from the one to the other. */
function parseRange(
  field: FieldRef,
  kind: Exclude<FieldKind, "text" | "enum" | "boolean" | "key">,
  { operator, value }: Written,
  now: number,
): QueryNode {
  const parts = value.text.split("..");
  if (operator === "" && parts.length === 2) {
    const [low = "", high = ""] = parts;
    const min = low === "" ? null : read(low, kind, value, now).from;
    const max = high === "" ? null : read(high, kind, value, now).to;
    return {
      kind: "range",
      field,
      min: min === null ? null : { value: min, inclusive: true },
      max: max === null ? null : { value: max, inclusive: kind !== "time" || !isWholeSpan(high, now) },
    };
  }
  return rangeNode(field, operator, read(value.text, kind, value, now));
}

/** `from` and `to` differ where a value stands for a span: a day. */
function rangeNode(field: FieldRef, operator: string, { from, to }: { from: number; to: number }): QueryNode {
  const isSpan = to > from;
  let min: Bound | null = null;
  let max: Bound | null = null;
  if (operator === "" || operator === "=") {
    min = { value: from, inclusive: true };
    max = { value: to, inclusive: !isSpan };
  } else if (operator === ">") min = { value: to, inclusive: isSpan };
  else if (operator === ">=") min = { value: from, inclusive: true };
  else if (operator === "<") max = { value: from, inclusive: false };
  else max = { value: to, inclusive: !isSpan };
  return { kind: "range", field, min, max };
}

function isWholeSpan(text: string, now: number): boolean {
  const span = readTimeSpan(text, now);
  return span !== null && span.to > span.from;
}

function read(text: string, kind: FieldKind, at: Span, now: number): { from: number; to: number } {
  if (kind === "time") {
    const span = readTimeSpan(text, now);
    if (span === null) throw notA("a time: 2026-11-23, 2026-11-23T10:00Z, -2h or now", at);
    return span;
  }
  const number = readNumber(text, kind);
  if (number !== null) {
    return kind === "duration" ? { from: number - HALF_MICRO, to: number + HALF_MICRO } : { from: number, to: number };
  }
  if (kind === "duration") throw notA("a duration: 2, 2s, 500ms, 1.5m or 1h", at);
  throw notA(kind === "money" ? "an amount: 0.01 or $0.01" : "a number: 100 or 1.5k", at);
}

/** Durations are differences of doubles: 100 ms may be 99.9998. They are told apart to the microsecond. */
const HALF_MICRO = 0.0005;

const DURATION_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  "": 1000,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const MAGNITUDES: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, b: 1e9 };

/** `null` where the text is no number with a unit of its kind. */
function readNumber(text: string, kind: FieldKind): number | null {
  const match = /^(-?)(\$?)(\d+(?:\.\d*)?|\.\d+)([a-z]*)$/i.exec(text);
  if (match === null) return null;
  const [, sign, dollar, digits = "", unit = ""] = match;
  if (dollar !== "" && kind !== "money") return null;
  const units = kind === "duration" ? DURATION_MS : MAGNITUDES;
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (factor === undefined) return null;
  // A product in floating point: 0.1k is 100 and not 100.00000000000001.
  const product = Number((Number(digits) * factor).toPrecision(15));
  return sign === "-" ? -product : product;
}

function notA(what: string, { text, start, end }: Span, suggestions: string[] = []): QueryError {
  return new QueryError(`"${text}" is not ${what}.`, start, end, suggestions);
}
