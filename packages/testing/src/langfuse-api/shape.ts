import { isObject, type JsonObject } from "../json.ts";

/** What is wrong with a value, as `path: reason`; empty when nothing is. Stands for Langfuse's Zod schemas. */
export type Shape = (value: unknown, path: string) => string[];

export const text: Shape = (value, path) => (typeof value === "string" ? [] : [`${path}: expected string`]);

export const filledText: Shape = (value, path) =>
  typeof value === "string" && value !== "" ? [] : [`${path}: expected a string that is not empty`];

export const number: Shape = (value, path) =>
  typeof value === "number" && Number.isFinite(value) ? [] : [`${path}: expected number`];

export const anything: Shape = () => [];

export const record: Shape = (value, path) => (isObject(value) ? [] : [`${path}: expected object`]);

export const time: Shape = (value, path) =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? [] : [`${path}: expected ISO datetime`];

export const matches =
  (pattern: RegExp): Shape =>
  (value, path) =>
    typeof value === "string" && pattern.test(value) ? [] : [`${path}: expected ${pattern}`];

export const oneOf =
  (...words: readonly unknown[]): Shape =>
  (value, path) =>
    words.includes(value) ? [] : [`${path}: expected one of ${words.join(", ")}`];

/** Zod's `nullish`. */
export const maybe =
  (shape: Shape): Shape =>
  (value, path) =>
    value === undefined || value === null ? [] : shape(value, path);

/** An object; keys that are not named are an error when `strict`, and ignored otherwise, as Zod does. */
export const object =
  (fields: Record<string, Shape>, { strict = false }: { strict?: boolean } = {}): Shape =>
  (value, path) => {
    if (!isObject(value)) return [`${path}: expected object`];
    const issues = Object.entries(fields).flatMap(([key, shape]) =>
      shape(value[key], path === "" ? key : `${path}.${key}`),
    );
    if (!strict) return issues;
    const unknown = Object.keys(value).filter((key) => fields[key] === undefined);
    return [...issues, ...unknown.map((key) => `${key}: unrecognized key`)];
  };

/** A query's text as a whole number. */
export const whole =
  (least: number, most: number): Shape =>
  (value, path) => {
    const parsed = Number(value);
    return Number.isInteger(parsed) && parsed >= least && parsed <= most
      ? []
      : [`${path}: expected a whole number from ${least} to ${most}`];
  };

/** An answer other than success. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly body: JsonObject;

  constructor(status: number, message: string, error?: unknown) {
    super(message);
    this.status = status;
    this.body = error === undefined ? { message } : { message, error };
  }
}

/** The value as an object that has the shape. @throws ApiRefusal 400, with Langfuse's words. */
export function check(shape: Shape, value: unknown): JsonObject {
  const issues = shape(value, "");
  if (issues.length > 0) throw new ApiRefusal(400, "Invalid request data", issues);
  return value as JsonObject;
}

export const notFound = (message: string): ApiRefusal => new ApiRefusal(404, message, "LangfuseNotFoundError");
