import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** Counted in code points; the hash is of UTF-8. */
export interface ExpectedText {
  chars: number;
  sha256: string;
}

export interface Expected {
  model?: string | null;
  response_id?: string | null;
  usage?: Record<string, number | null> | null;
  choices?: { index: number; finish_reason: string | null; text: ExpectedText }[];
  text?: ExpectedText;
  vectors?: number;
  dimensions?: number;
  images?: number;
  image_form?: string[];
  size?: string;
  quality?: string;
  output_format?: string;
  background?: string;
  results?: number;
}

export interface Recording {
  id: string;
  endpoint: string;
  status: number;
  kind: "json" | "sse" | "text" | "binary";
  /** As the caller wrote it: files of an upload have as many bytes as the recorded ones. */
  body: Record<string, unknown>;
  /** A parsed body, or a stream's chunks. */
  response: unknown;
  expected: Expected;
}

interface Part {
  name: string;
  value?: string;
  filename?: string;
  content_type?: string;
  bytes?: number;
}

const folder = fileURLToPath(new URL("../../../../../../shared/corpus/openai/", import.meta.url));
const present = existsSync(`${folder}index.json`);
if (!present)
  process.stderr.write("skipped: ../shared/corpus/openai is not here, no recording of a small surface is read\n");

/** Recorded answers of one method with status 200; none where the corpus is absent, which is said once. */
export function recordingsOf(endpoint: RegExp): Recording[] {
  if (!present) return [];
  const index = JSON.parse(readFileSync(`${folder}index.json`, "utf8")) as { exchanges: Indexed[] };
  return index.exchanges.filter((entry) => entry.status === 200 && endpoint.test(entry.endpoint)).map(read);
}

export const isCorpusPresent = present;

interface Indexed {
  id: string;
  file: string;
  endpoint: string;
  status: number;
  response_kind: Recording["kind"];
  expected: Expected;
}

function read({ id, file, endpoint, status, response_kind: kind, expected }: Indexed): Recording {
  const { request, response } = JSON.parse(readFileSync(folder + file, "utf8")) as {
    request: (Record<string, unknown> & { multipart?: Part[] }) | null;
    response: unknown;
  };
  const body = request?.multipart ? Object.fromEntries(request.multipart.map(fieldOf)) : (request ?? {});
  return {
    id,
    endpoint,
    status,
    kind,
    body,
    response: kind === "sse" ? chunksOf(String(response)) : response,
    expected,
  };
}

function fieldOf({ name, value, filename, content_type: type = "", bytes = 0 }: Part): [string, unknown] {
  return [name, filename === undefined ? value : new File([new Uint8Array(bytes)], filename, { type })];
}

function chunksOf(text: string): unknown[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data: ") && line !== "data: [DONE]")
    .map((line) => JSON.parse(line.slice("data: ".length)) as unknown);
}

export function expectText(text: unknown, { chars, sha256 }: ExpectedText): void {
  const hash = createHash("sha256").update(String(text), "utf8").digest("hex");
  expect({ chars: Array.from(String(text)).length, sha256: hash }).toEqual({ chars, sha256 });
}

/** The buckets are disjoint: they add up to the total, which is the provider's. */
export function expectUsage(details: Record<string, number> | undefined, expected: Expected["usage"]): void {
  expect(details?.["total"] ?? null).toBe(expected?.["total_tokens"] ?? null);
  if (!details) return;
  const { total, ...buckets } = details;
  expect(Object.values(buckets).reduce((sum, count) => sum + count, 0)).toBe(total);
  for (const name of ["input_image_tokens", "output_image_tokens", "input_audio_tokens"]) {
    if (expected?.[name]) expect(details[name]).toBe(expected[name]);
  }
}
