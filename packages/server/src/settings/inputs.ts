import { randomUUID } from "node:crypto";
import type { CustomPrice, Project, RetentionSettings } from "../api/settings.ts";
import { HttpError } from "../http/errors.ts";
import { isObject } from "../http/json-body.ts";
import { hasAddress, noAddress } from "../model/address.ts";

const MAX_NAME_CHARS = 100;
const MAX_MATCH_CHARS = 200;
/** Usage has a dozen buckets. */
const MAX_BUCKETS = 100;
/** A project's id is part of addresses. */
const PROJECT_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** `POST /api/projects`. Without an id, the name in small letters and dashes is the id. */
export function readProjectInput(body: unknown, now: number): Project {
  const name = readNameInput(body);
  const given = (body as { id?: unknown }).id;
  const id = given === undefined ? toSlug(name) : given;
  if (typeof id !== "string" || !PROJECT_ID.test(id)) {
    throw bad("A project's id is made of a-z, 0-9, - and _, at most 63 characters: give one as id.");
  }
  return { id, name, createdAt: now };
}

/** `PATCH /api/projects/:id` */
export function readNameInput(body: unknown): string {
  const name = isObject(body) ? readText(body["name"], "name", MAX_NAME_CHARS) : "";
  if (name === "") throw bad("The body is { name }: what the project is called.");
  return name;
}

/** `POST /api/projects/:id/keys` */
export function readKeyInput(body: unknown): { note: string | null } {
  if (!isObject(body)) throw bad("The body is { note? }.");
  const note = readText(body["note"] ?? "", "note", MAX_NAME_CHARS);
  return { note: note === "" ? null : note };
}

/** `POST /api/prices` */
export function readPriceInput(body: unknown, now: number): CustomPrice {
  if (!isObject(body)) throw bad("The body is { match, provider?, prices }.");
  const match = readText(body["match"], "match", MAX_MATCH_CHARS);
  if (match === "") throw bad("match is a model's name; * stands for any characters.");
  const provider = readText(body["provider"] ?? "", "provider", MAX_NAME_CHARS);
  const id = body["id"] === undefined ? randomUUID() : readText(body["id"], "id", MAX_NAME_CHARS);
  if (id === "") throw bad("id is a text.");
  if (!hasAddress(id)) throw bad(noAddress("id"));
  return { id, match, provider: provider === "" ? null : provider, prices: readPrices(body["prices"]), createdAt: now };
}

function readPrices(given: unknown): Record<string, number> {
  if (!isObject(given))
    throw bad("prices is { bucket: US dollars a million tokens }, like { input: 2.5, output: 10 }.");
  const entries = Object.entries(given);
  if (entries.length === 0 || entries.length > MAX_BUCKETS) throw bad(`prices has 1 to ${MAX_BUCKETS} buckets.`);
  for (const [bucket, price] of entries) {
    if (bucket === "total") throw bad("total has no price of its own: give the prices of input and output.");
    if (typeof price !== "number" || !Number.isFinite(price) || price < 0) {
      throw bad("A price is a number of US dollars a million, 0 or more.");
    }
  }
  return Object.fromEntries(entries) as Record<string, number>;
}

/** `PUT /api/settings/retention` */
export function readRetentionInput(body: unknown): RetentionSettings {
  if (!isObject(body)) throw bad("The body is { maxAgeDays, maxBytes }; null sets no limit.");
  return { maxAgeDays: readLimit(body["maxAgeDays"], "maxAgeDays"), maxBytes: readLimit(body["maxBytes"], "maxBytes") };
}

function readLimit(value: unknown, name: string): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    throw bad(`${name} is a number above 0, or null for no limit.`);
  }
  return value;
}

function readText(value: unknown, name: string, maxChars: number): string {
  if (typeof value !== "string" || value.length > maxChars)
    throw bad(`${name} is a text of up to ${maxChars} characters.`);
  return value.trim();
}

function toSlug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
