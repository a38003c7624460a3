import { readFile } from "node:fs/promises";
import type { Context } from "hono";
import { HttpError } from "../http/errors.ts";

/** Beside the built code; from source, where a build put it last. */
const FILES = ["./openapi.json", "../../dist/openapi.json"].map((path) => new URL(path, import.meta.url));

/** `GET /api/openapi.json`: made at build time by `scripts/openapi.mjs`. */
export async function answerOpenApi(context: Context): Promise<Response> {
  for (const file of FILES) {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text !== null) return context.body(text, 200, { "Content-Type": "application/json" });
  }
  throw new HttpError(501, "not_built", "The document is made by a build: pnpm --filter spanwise build.");
}
