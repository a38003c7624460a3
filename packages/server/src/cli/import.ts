import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { ApiClient } from "./api-client.ts";
import { UsageError, defineCommand } from "./command.ts";
import { isExportedRow, toResourceSpans } from "./exported-rows.ts";
import { CONNECT_OPTIONS, withApi } from "./connect.ts";

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
    await withApi(values, env, async (client) => {
      for (const file of positionals) {
        const spans = await importFile(client, file);
        const line =
          values.json === true ? JSON.stringify({ file, spans }) : `${file}: ${spans ?? "an unknown number of"} spans`;
        process.stdout.write(`${line}\n`);
      }
    });
  },
});

/** @returns how many spans were in it; `null` for protobuf, which only the server reads. */
async function importFile(client: ApiClient, file: string): Promise<number | null> {
  const raw = file === "-" ? await readInput() : await readFile(file);
  const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  // The first byte of a protobuf export is the tag of its first field.
  if (bytes[0] === 0x0a) {
    await post(client, file, "application/x-protobuf", new Uint8Array(bytes));
    return null;
  }
  let spans = 0;
  let batch: unknown[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await post(client, file, "application/json", JSON.stringify({ resourceSpans: batch }));
    batch = [];
    size = 0;
  };
  for (const { text, line } of readDocuments(bytes.toString("utf8"), file)) {
    const resourceSpans = readExport(text, file, line);
    spans += countSpans(resourceSpans);
    if (size > 0 && size + text.length > MAX_BATCH_BYTES) await flush();
    batch.push(...resourceSpans);
    size += text.length;
  }
  await flush();
  return spans;
}

interface Document {
  text: string;
  line: number;
}

/** One document a line, where the first line is one by itself; else the whole file is one. */
function readDocuments(text: string, file: string): Document[] {
  const lines = text.split("\n").map((content, index) => ({ text: content.trim(), line: index + 1 }));
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

function readExport(text: string, file: string, line: number): unknown[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new UsageError(`${file}, line ${line}: not JSON.`);
  }
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

async function post(
  client: ApiClient,
  file: string,
  contentType: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const answer = await client.fetch(
    "/v1/traces",
    {},
    { method: "POST", headers: { "content-type": contentType }, body },
  );
  if (contentType !== "application/json") return;
  const { partialSuccess } = (await answer.json()) as {
    partialSuccess?: { rejectedSpans?: string; errorMessage?: string };
  };
  const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
  if (rejected > 0)
    process.stderr.write(`${file}: ${rejected} spans were refused: ${partialSuccess?.errorMessage ?? ""}\n`);
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
