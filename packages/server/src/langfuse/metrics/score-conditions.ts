import { HttpError } from "../../http/errors.ts";
import { isObject } from "../../http/json-body.ts";
import { dimensionsOf } from "../../query/aggregate/facts.ts";
import type { ScoreCondition, View } from "../../query/aggregate/query.ts";

const MAX_CONDITIONS = 100;

type Read = (value: unknown) => ScoreCondition["value"];

const OPERATORS: Readonly<Record<string, readonly [operators: readonly string[], read: Read]>> = {
  string: [
    ["=", "<>", "contains", "does not contain", "starts with", "ends with"],
    (value) => need(typeof value === "string", value, "a string"),
  ],
  number: [
    ["=", "<>", ">", "<", ">=", "<="],
    (value) => need(typeof value === "number" && Number.isFinite(value), value, "a number"),
  ],
  boolean: [["=", "<>"], (value) => need(typeof value === "boolean", value, "true or false")],
  stringOptions: [["any of", "none of"], readTexts],
  categoryOptions: [["any of", "none of"], readTexts],
  arrayOptions: [["any of", "none of", "all of"], readTexts],
  null: [["is null", "is not null"], () => null],
};

/** Filters of the views of scores: conditions on any of their dimensions. @throws {HttpError} 400 or 501. */
export function readScoreConditions(view: View, filters: readonly unknown[]): ScoreCondition[] {
  const known = dimensionsOf(view);
  if (filters.length > MAX_CONDITIONS) throw bad(`filters has at most ${MAX_CONDITIONS} conditions.`);
  return filters.map((filter) => {
    if (!isObject(filter)) throw bad("A condition of filters is an object.");
    const { column, type, operator, value } = filter;
    if (type === "datetime" || type === "stringObject" || type === "numberObject" || column === "metadata") {
      throw new HttpError(501, "not_implemented", `Scores are not filtered by ${String(type)} ${String(column)} here.`);
    }
    if (typeof column !== "string" || !known.has(column)) {
      throw bad(`There is no column ${String(column)} of ${view}. Known: ${[...known.keys()].join(", ")}.`);
    }
    const [operators, read] = (Object.hasOwn(OPERATORS, String(type)) ? OPERATORS[String(type)] : undefined) ?? [];
    if (operators === undefined || read === undefined) throw bad(`There is no type ${String(type)} of conditions.`);
    const word = operators.find((candidate) => candidate === operator);
    if (word === undefined) throw bad(`The operator for ${String(type)} is one of ${operators.join(", ")}.`);
    return { dimension: column, operator: word, value: read(value) };
  });
}

function readTexts(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) return value;
  throw bad("The value of a condition on options is a list of strings, of one at least.");
}

function need(isRight: boolean, value: unknown, what: string): ScoreCondition["value"] {
  if (!isRight) throw bad(`The value of this condition is ${what}.`);
  return value as ScoreCondition["value"];
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
