import type { ObservationDetail, TraceDetail } from "../api/types.ts";
import type { ApiClient } from "./api-client.ts";
import { UsageError, defineCommand } from "./command.ts";
import { CONNECT_OPTIONS, withApi } from "./connect.ts";
import { formatMarkdown } from "./trace-markdown.ts";
import { formatTree } from "./trace-tree.ts";

/** Payloads asked for at one time. */
const CONCURRENCY = 8;
/** A report with more would be read by nobody. */
const MAX_PAYLOADS = 500;

export const command = defineCommand({
  name: "show",
  usage: "<trace> [options]",
  description: "Prints a trace as a tree. The trace is an id, or the address of its page.",
  maxPositionals: 1,
  options: {
    md: { type: "boolean", help: "print Markdown with inputs and outputs, for a coding agent" },
    ...CONNECT_OPTIONS,
  },
  async run({ values, positionals, env }) {
    const traceId = readTraceId(positionals[0] ?? "");
    if (traceId === "") throw new UsageError("show needs the id of a trace: see spanwise ls.");
    await withApi(values, env, async (client) => {
      const path = `/api/traces/${encodeURIComponent(traceId)}`;
      const detail = await client.json<TraceDetail>(path);
      if (values.md !== true) {
        process.stdout.write(values.json === true ? `${JSON.stringify(detail)}\n` : formatTree(detail, client.url));
        return;
      }
      const payloads = await readPayloads(client, path, detail);
      process.stdout.write(formatMarkdown(detail, payloads, client.url));
    });
  },
});

/** An id may be any text; what begins like an address is the one of its page. */
function readTraceId(name: string): string {
  if (!/^(?:https?:\/)?\//.test(name)) return name;
  const last = /[^/?#]*(?=\/*(?:[?#].*)?$)/s.exec(name.replace(/[?#].*$/s, ""))?.[0] ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

async function readPayloads(
  client: ApiClient,
  path: string,
  detail: TraceDetail,
): Promise<Map<string, ObservationDetail>> {
  const payloads = new Map<string, ObservationDetail>();
  const ids = detail.observations
    .filter((row) => row.hasInput || row.hasOutput || row.statusMessage !== null)
    .slice(0, MAX_PAYLOADS)
    .map(({ id }) => id);
  const read = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      payloads.set(id, await client.json<ObservationDetail>(`${path}/observations/${encodeURIComponent(id)}`));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, read));
  return payloads;
}
