/** Reading the JSON text of a record's payload. */

import { isRecord } from "../../util/is-record.ts";

export type Fields = Record<string, unknown>;

/** The text itself where the JSON is of a text, else the JSON. */
export function plainText(json: string | undefined): string | undefined {
  return json?.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/** `undefined` for what is no object. */
export function parseFields(json: string | undefined): Fields | undefined {
  if (!json?.startsWith("{")) return undefined;
  const value: unknown = JSON.parse(json);
  return isRecord(value) ? value : undefined;
}

/** The JSON of an object with any members. */
export function jsonOf(fields: Fields): string | undefined {
  return Object.keys(fields).length === 0 ? undefined : JSON.stringify(fields);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
