import type { TraceListResponse, TraceSummary } from "../api/types.ts";
import { defineCommand, readNumber } from "./command.ts";
import { CONNECT_OPTIONS, withApi } from "./connect.ts";
import { clean, cut, formatCost, formatDuration, formatTable, formatTokens, markOf } from "./format.ts";

const DEFAULT_COUNT = 20;
const MAX_COUNT = 100_000;
const PAGE_SIZE = 200;

export const command = defineCommand({
  name: "ls",
  usage: "[query] [options]",
  description: "Lists traces, newest first. A query is what the viewer's search bar takes: level:error latency:>2",
  maxPositionals: 1,
  options: {
    limit: { type: "string", short: "n", value: "number", help: `how many (default ${DEFAULT_COUNT})` },
    ...CONNECT_OPTIONS,
  },
  async run({ values, positionals, env }) {
    const limit = readNumber(values.limit, "limit", DEFAULT_COUNT, 1, MAX_COUNT);
    await withApi(values, env, async (client) => {
      const traces: TraceSummary[] = [];
      let cursor: string | undefined;
      do {
        const query = { limit: Math.min(PAGE_SIZE, limit - traces.length), cursor, q: positionals[0] };
        const page = await client.json<TraceListResponse>("/api/traces", query);
        traces.push(...page.data);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && traces.length < limit);
      if (values.json === true) for (const trace of traces) process.stdout.write(`${JSON.stringify(trace)}\n`);
      else process.stdout.write(traces.length === 0 ? "No traces.\n" : formatTable([HEADER, ...traces.map(toRow)]));
    });
  },
});

const HEADER = ["STARTED", "", "NAME", "DURATION", "TOKENS", "COST", "TRACE"];

function toRow(trace: TraceSummary): string[] {
  return [
    new Date(trace.startTime).toISOString().slice(0, 19).replace("T", " "),
    markOf(trace.status),
    cut(clean(trace.name), 40),
    formatDuration(trace.durationMs),
    formatTokens(trace.totalTokens),
    trace.totalTokens === null ? "-" : formatCost(trace.cost, trace.costIncomplete),
    clean(trace.traceId),
  ];
}
