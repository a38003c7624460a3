import { HttpError } from "../../http/errors.ts";
import { isObject } from "../../http/json-body.ts";
import { parseIsoTime } from "../../model/iso-time.ts";
import type { Bound, FieldRef, QueryNode, QueryTarget } from "../../query/language/ast.ts";
import { columnNames, findColumn, type Column } from "./columns.ts";

/** Conditions in one filter. */
const MAX_CONDITIONS = 100;

/**
 * Reads the `filter` of Langfuse's lists: JSON of conditions that hold together. What is not understood is refused, never passed over.
 *
 * @throws {HttpError} 400, or 501 for what Langfuse filters by and this server does not.
 */
export function readFilter(target: QueryTarget, text: string): QueryNode[] {
  let conditions: unknown;
  try {
    conditions = JSON.parse(text);
  } catch {
    throw bad("filter is JSON.");
  }
  return readConditionList(target, conditions);
}

/** The same, parsed. @throws {HttpError} 400 or 501. */
export function readConditionList(target: QueryTarget, conditions: unknown): QueryNode[] {
  if (!Array.isArray(conditions) || conditions.length > MAX_CONDITIONS) {
    throw bad(`A filter is a list of at most ${MAX_CONDITIONS} conditions.`);
  }
  return (conditions as unknown[]).map((condition) => readCondition(target, condition));
}

function readCondition(target: QueryTarget, condition: unknown): QueryNode {
  if (!isObject(condition)) throw bad("A condition of the filter is an object.");
  const { type, column: name, operator, value, key } = condition;
  if (typeof name !== "string") throw bad("A condition names a column.");
  const column = findColumn(target, name);
  if (column === undefined) throw bad(`There is no column ${name}. Known: ${columnNames(target).join(", ")}.`);
  if (column === "unsupported") throw notImplemented(`Filtering by ${name} is not supported here.`);
  const field: FieldRef = { name: column.field, key: column.kind === "metadata" ? readKey(key) : null };
  const what = `${String(type)} ${String(operator)}`;
  if (type === "null") return readNull(field, operator);
  switch (column.kind) {
    case "text":
      return readText(field, column, type, operator, value);
    case "metadata":
      if (type === "stringObject") return readText(field, column, "string", operator, value);
      if (type === "numberObject") return readRange(field, operator, readNumber(value));
      throw bad(`metadata is filtered by stringObject and numberObject, not by ${what}.`);
    case "tags":
      return readTags(field, operator, value);
    case "flag":
      if (typeof value !== "boolean" || (operator !== "=" && operator !== "<>")) throw bad(`${name}: ${what}`);
      return { kind: "flag", field, value: operator === "=" ? value : !value };
    case "time":
      return readRange(field, operator, readTime(value));
    case "number":
      return readRange(field, operator, readNumber(value));
    case "seconds":
      return readRange(field, operator, readNumber(value) * 1000);
  }
}

function readText(field: FieldRef, column: Column, type: unknown, operator: unknown, value: unknown): QueryNode {
  const kept = (text: string): string => (column.lower === true ? text.toLowerCase() : text);
  if (type === "stringOptions" || type === "categoryOptions" || type === "arrayOptions") {
    if (operator !== "any of" && operator !== "none of")
      throw bad(`There is no operator ${String(operator)} for lists.`);
    return anyOf(field, readTexts(value).map(kept), operator === "none of");
  }
  if (type !== "string") throw bad(`${field.name} is text: it is filtered by string and stringOptions.`);
  if (typeof value !== "string") throw bad("The value of a string condition is a string.");
  switch (operator) {
    case "=":
      return match(field, kept(value));
    case "<>":
      return { kind: "not", node: match(field, kept(value)) };
    case "contains":
      return wildcard(field, "*", kept(value), "*");
    case "does not contain":
      return { kind: "not", node: wildcard(field, "*", kept(value), "*") };
    case "starts with":
      return wildcard(field, "", kept(value), "*");
    case "ends with":
      return wildcard(field, "*", kept(value), "");
    default:
      throw operator === "matches"
        ? notImplemented("The operator matches is not supported here: use contains.")
        : bad(`There is no operator ${String(operator)} for text.`);
  }
}

export function match(field: FieldRef, value: string): QueryNode {
  return { kind: "match", field, value, wildcard: false };
}

/** One of the values; with `isNone`, none of them. */
export function anyOf(field: FieldRef, values: readonly string[], isNone = false): QueryNode {
  const node: QueryNode = { kind: "or", nodes: values.map((value) => match(field, value)) };
  return isNone ? { kind: "not", node } : node;
}

function wildcard(field: FieldRef, before: string, value: string, after: string): QueryNode {
  // A star stands for anything, and there is no way to write a star that is one.
  if (value.includes("*")) throw notImplemented("A part of a text that holds * cannot be looked for here.");
  return { kind: "match", field, value: `${before}${value}${after}`, wildcard: true };
}

function readTags(field: FieldRef, operator: unknown, value: unknown): QueryNode {
  const tags = readTexts(value);
  if (operator === "all of") return { kind: "and", nodes: tags.map((tag) => match(field, tag)) };
  if (operator === "any of" || operator === "none of") return anyOf(field, tags, operator === "none of");
  throw bad("Tags are filtered by any of, none of and all of.");
}

function readNull(field: FieldRef, operator: unknown): QueryNode {
  if (operator !== "is null" && operator !== "is not null") throw bad("null has is null and is not null.");
  const node: QueryNode = { kind: "has", field };
  return operator === "is null" ? { kind: "not", node } : node;
}

function readRange(field: FieldRef, operator: unknown, value: number): QueryNode {
  const bound = (inclusive: boolean): Bound => ({ value, inclusive });
  switch (operator) {
    case "=":
      return { kind: "range", field, min: bound(true), max: bound(true) };
    case ">":
      return { kind: "range", field, min: bound(false), max: null };
    case ">=":
      return { kind: "range", field, min: bound(true), max: null };
    case "<":
      return { kind: "range", field, min: null, max: bound(false) };
    case "<=":
      return { kind: "range", field, min: null, max: bound(true) };
    default:
      throw bad(`There is no operator ${String(operator)} for numbers and times.`);
  }
}

function readKey(key: unknown): string {
  if (typeof key === "string" && key !== "") return key;
  throw bad("A condition on metadata needs a key.");
}

function readTexts(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) return value;
  throw bad("The value of a list condition is a list of strings, of one at least.");
}

function readNumber(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw bad("The value of a number condition is a number.");
}

function readTime(value: unknown): number {
  const time = typeof value === "string" ? parseIsoTime(value) : null;
  if (time !== null) return time;
  throw bad("The value of a datetime condition is an ISO 8601 time.");
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}

function notImplemented(message: string): HttpError {
  return new HttpError(501, "not_implemented", message);
}
