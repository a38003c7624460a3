import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseIsoTime } from "../model/iso-time.ts";
import { UsageError, defineCommand } from "./command.ts";
import { CONNECT_OPTIONS, withApi } from "./connect.ts";

const FORMATS = ["jsonl", "csv", "otlp"];

export const command = defineCommand({
  name: "export",
  usage: "[query] [options]",
  description:
    "Writes observations, oldest first, to standard output or a file. A query is what the viewer's search bar takes for observations.\njsonl and otlp can be read in again with spanwise import; otlp is what the OpenTelemetry Collector reads too.",
  maxPositionals: 1,
  options: {
    format: { type: "string", value: "format", help: "jsonl (default), csv or otlp" },
    output: { type: "string", short: "o", value: "file", help: "a new file (default: standard output)" },
    from: { type: "string", value: "time", help: "only what began then or later: 2026-11-01, or with a time" },
    to: { type: "string", value: "time", help: "only what began before" },
    url: CONNECT_OPTIONS.url,
    db: CONNECT_OPTIONS.db,
    project: CONNECT_OPTIONS.project,
    json: { type: "boolean", help: "the same as --format jsonl" },
  },
  async run({ values, positionals, env }) {
    const format = values.format ?? "jsonl";
    if (!FORMATS.includes(format)) throw new UsageError(`--format ${format}: choose one of ${FORMATS.join(", ")}.`);
    const query = { format, q: positionals[0], from: readTime(values.from, "from"), to: readTime(values.to, "to") };
    await withApi(values, env, async (client) => {
      const answer = await client.fetch("/api/export", query);
      // A file that is there may be the only copy of something.
      const target = values.output === undefined ? process.stdout : createWriteStream(values.output, { flags: "wx" });
      const body = Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
      await pipeline(body, target, { end: values.output !== undefined });
    });
  },
});

/** @returns epoch milliseconds. */
function readTime(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const time = parseIsoTime(text);
  if (time === null) throw new UsageError(`--${name} ${text}: give a time like 2026-11-01 or 2026-11-01T12:00:00Z.`);
  return time;
}
