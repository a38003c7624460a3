import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { ApiClient } from "./api-client.ts";
import { UsageError, defineCommand } from "./command.ts";
import { isBatchRow, isExportedRow, toBatchEvent, toResourceSpans } from "./exported-rows.ts";
import { CONNECT_OPTIONS, withApi } from "./connect.ts";
import { CSV_HEAD } from "../query/export/rows.ts";

/** A request; servers take 64 MiB. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

export const command = defineCommand({
  name: "import",
  usage: "<file...> [options]",
  description:
    "Reads traces in: what spanwise export wrote (jsonl, otlp), and any OTLP as JSON (one export, or one a line as the OpenTelemetry Collector's file exporter writes them) or protobuf,\nplain or gzip. What is there already is replaced, so a file may be read twice. - reads standard input.",
  maxPositionals: 10_000,
  options: CONNECT_OPTIONS,
  async run({ values, positionals, env }) {
    if (positionals.length === 0) throw new UsageError("import needs a file: see spanwise import --help.");
    let failed = false;
    const importAll = async (client: ApiClient): Promise<void> => {
      for (const file of positionals) {
        const { spans, refused } = await importFile(client, file);
        const line =
          values.json === true
            ? JSON.stringify({ file, spans, refused })
            : `${file}: ${spans ?? "an unknown number of"} spans${refused === 0 ? "" : `, ${refused} refused`}`;
        process.stdout.write(`${line}\n`);
        if (refused > 0) failed = true;
      }
    };
    await withApi(values, env, importAll, { makesFile: true });
    return failed ? 1 : 0;
  },
});

interface Imported {
  /** Taken in; `null` for protobuf, which only the server reads. */
  spans: number | null;
  refused: number;
}

async function importFile(client: ApiClient, file: string): Promise<Imported> {
  const raw = file === "-" ? await readInput() : await readFile(file);
  const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  // The first byte of a protobuf export is the tag of its first field.
  if (bytes[0] === 0x0a) {
    await client.fetch("/v1/traces", {}, postOf("application/x-protobuf", new Uint8Array(bytes)));
    return { spans: null, refused: 0 };
  }
  let [spans, refused, size] = [0, 0, 0];
  let batch: unknown[] = [];
  let events: object[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) refused += await postSpans(client, file, batch);
    if (events.length > 0) refused += await postEvents(client, file, events);
    [batch, events, size] = [[], [], 0];
  };
  for (const { text, line } of readDocuments(bytes.toString("utf8"), file)) {
    const document = readDocument(text, file, line);
    if (size > 0 && size + text.length > MAX_BATCH_BYTES) await flush();
    size += text.length;
    if (isExportedRow(document) && isBatchRow(document)) {
      events.push(toBatchEvent(document));
      spans += 1;
    } else {
      const resourceSpans = readExport(document, file, line);
      batch.push(...resourceSpans);
      spans += countSpans(resourceSpans);
    }
  }
  await flush();
  return { spans: spans - refused, refused };
}

interface Document {
  text: string;
  line: number;
}

/** One document a line, where the first line is one by itself; else the whole file is one. */
function readDocuments(text: string, file: string): Document[] {
  const lines = text.split("\n").map((content, index) => ({ text: content.trim(), line: index + 1 }));
  if (text.startsWith(CSV_HEAD.trimEnd())) {
    throw new UsageError(
      `${file} is CSV, which leaves out what is not for a spreadsheet: import reads jsonl and otlp.`,
    );
  }
  const full = lines.filter((line) => line.text !== "");
  if (full.length === 0) throw new UsageError(`${file} is empty.`);
  return isJson(full[0]?.text ?? "") ? full : [{ text, line: 1 }];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readDocument(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file}, line ${line}: not JSON.`);
  }
}

function readExport(document: unknown, file: string, line: number): unknown[] {
  if (isExportedRow(document)) return toResourceSpans(document);
  const resourceSpans = (document as { resourceSpans?: unknown } | null)?.resourceSpans;
  if (Array.isArray(resourceSpans)) return resourceSpans as unknown[];
  throw new UsageError(
    `${file}, line ${line}: neither an OTLP trace export, which has resourceSpans, nor a row of spanwise export.`,
  );
}

function countSpans(resourceSpans: readonly unknown[]): number {
  type Counted = { scopeSpans?: { spans?: unknown[] }[] };
  return (resourceSpans as Counted[]).reduce(
    (sum, { scopeSpans = [] }) => sum + scopeSpans.reduce((inner, { spans = [] }) => inner + spans.length, 0),
    0,
  );
}

function postOf(contentType: string, body: string | Uint8Array<ArrayBuffer>): RequestInit {
  return { method: "POST", headers: { "content-type": contentType }, body };
}

/** @returns how many were refused, and tells why. */
async function postSpans(client: ApiClient, file: string, resourceSpans: unknown[]): Promise<number> {
  const answer = await client.fetch("/v1/traces", {}, postOf("application/json", JSON.stringify({ resourceSpans })));
  const { partialSuccess } = (await answer.json()) as {
    partialSuccess?: { rejectedSpans?: string; errorMessage?: string };
  };
  return tellRefused(file, Number(partialSuccess?.rejectedSpans ?? 0), partialSuccess?.errorMessage);
}

/** The same for rows of Langfuse's batches. */
async function postEvents(client: ApiClient, file: string, batch: object[]): Promise<number> {
  const answer = await client.fetch("/api/public/ingestion", {}, postOf("application/json", JSON.stringify({ batch })));
  const { errors } = (await answer.json()) as { errors: { message?: string }[] };
  return tellRefused(file, errors.length, errors[0]?.message);
}

function tellRefused(file: string, refused: number, reason = ""): number {
  if (refused > 0) process.stderr.write(`${file}: ${refused} spans were refused: ${reason}\n`);
  return refused;
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
