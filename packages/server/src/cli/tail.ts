import type { TraceListResponse, TraceSummary } from "../api/types.ts";
import { ApiClient } from "./api-client.ts";
import { defineCommand, readNumber } from "./command.ts";
import { CONNECT_OPTIONS, readCredentials, urlOf, withApi } from "./connect.ts";
import { formatTraceLine } from "./format.ts";
import { TraceWatcher } from "./watch-traces.ts";

const DEFAULT_COUNT = 10;
const MAX_COUNT = 200;

export const command = defineCommand({
  name: "tail",
  usage: "[-f] [options]",
  description:
    "Prints a line for each of the latest traces, oldest first; with -f, also for each that ends from then on.",
  options: {
    follow: { type: "boolean", short: "f", help: "go on until Ctrl-C" },
    lines: { type: "string", short: "n", value: "number", help: `traces to begin with (default ${DEFAULT_COUNT})` },
    ...CONNECT_OPTIONS,
  },
  async run({ values, env }) {
    const count = readNumber(values.lines, "lines", DEFAULT_COUNT, 0, MAX_COUNT);
    const show = (trace: TraceSummary, url: string): void => {
      process.stdout.write(`${values.json === true ? JSON.stringify(trace) : formatTraceLine(trace, url)}\n`);
    };
    if (values.follow !== true) {
      return withApi(values, env, async (client) => {
        if (count === 0) return;
        const { data } = await client.json<TraceListResponse>("/api/traces", { limit: count });
        for (const trace of data.toReversed()) show(trace, client.url);
      });
    }
    // Only a server that runs has something to follow.
    const client = new ApiClient(urlOf(values, env), readCredentials(env), values.project);
    const abort = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
    await new TraceWatcher(client, Date.now(), (trace) => show(trace, client.url)).watch(abort.signal, count);
  },
});
