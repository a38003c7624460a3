import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createModelServer } from "@spanwise/testing";
import { createServer, type ObservationDetail, type TraceDetail } from "../../src/index.ts";
import { createRecorder, type RecordedCall } from "./recorder.ts";
import { clientPath, runProgram } from "./run-client.ts";

export interface LangfuseRun {
  /** What the program told about itself. */
  // oxlint-disable-next-line typescript/no-explicit-any -- each program's facts have a shape of their own
  facts: any;
  calls: RecordedCall[];
  trace: (id: string) => Promise<TraceDetail>;
  /** By name; the only one of it in the trace. */
  detail: (traceId: string, name: string) => Promise<ObservationDetail>;
  json: (path: string) => Promise<unknown>;
}

/** Runs a program of `e2e/clients` in a process of its own against a real server with a file, and lets `use` look at what is stored. */
export async function withLangfuseClient(
  program: readonly string[],
  use: (run: LangfuseRun) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "spanwise-langfuse-"));
  const model = await createModelServer();
  const server = await createServer({ port: 0, db: join(folder, "client.db") });
  const recorder = await createRecorder(server.url);
  const json = async (path: string): Promise<unknown> => (await fetch(server.url + path)).json();
  const trace = async (id: string): Promise<TraceDetail> => (await json(`/api/traces/${id}`)) as TraceDetail;
  try {
    const [file = "", ...args] = program;
    const line = await runProgram(process.execPath, [clientPath(file), ...args], recorder.url, model.url);
    await use({
      facts: JSON.parse(line),
      calls: recorder.calls,
      json,
      trace,
      async detail(traceId, name) {
        const named = (await trace(traceId)).observations.filter((row) => row.name === name);
        if (named.length !== 1) throw new Error(`${named.length} observations are named ${name}.`);
        return (await json(`/api/traces/${traceId}/observations/${named[0]?.id ?? ""}`)) as ObservationDetail;
      },
    });
  } finally {
    await recorder.close();
    await server.close();
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `METHOD route status` of the calls that were not answered with success, each once. */
export function failedCalls(calls: readonly RecordedCall[]): string[] {
  const failed = calls.filter(({ status }) => status >= 400);
  return [...new Set(failed.map(({ method, route, status }) => `${method} ${route} ${status}`))].sort();
}
