import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerStatus } from "../api/settings.ts";
import type { ObservationDetail, TraceDetail, TraceListResponse } from "../api/types.ts";
import { ApiClient, ApiError, isSpanwise } from "./api-client.ts";
import { defineCommand, readNumber } from "./command.ts";
import { CONNECT_OPTIONS, readCredentials, urlOf } from "./connect.ts";
import { follow } from "./events.ts";
import { clean, formatBytes, traceUrl } from "./format.ts";

/** How long the trace that is sent may take until it can be read. */
const ARRIVAL_MS = 5000;
const POLL_MS = 50;
const MAX_WAIT_S = 3600;

interface Step {
  step: string;
  ok: boolean;
  detail: string;
}

export const command = defineCommand({
  name: "doctor",
  usage: "[options]",
  description:
    "Sends a trace through a running server and says which step fails. The exit code is 1 when one does, or when no trace of your\napplication came within --wait. The trace is named spanwise-doctor.",
  options: {
    wait: { type: "string", value: "seconds", help: "then wait for a trace of your application" },
    url: CONNECT_OPTIONS.url,
    project: CONNECT_OPTIONS.project,
    json: { type: "boolean", help: "print a JSON line { step, ok, detail } for each step" },
  },
  async run({ values, env }) {
    const waitSeconds = readNumber(values.wait, "wait", 0, 0, MAX_WAIT_S);
    const url = urlOf(values, env);
    const checkup = new Checkup(new ApiClient(url, readCredentials(env), values.project), ({ step, ok, detail }) => {
      const line = values.json === true ? JSON.stringify({ step, ok, detail }) : `${ok ? "✓" : "✗"} ${step}: ${detail}`;
      process.stdout.write(`${line}\n`);
    });
    return (await checkup.run(env, waitSeconds)) ? 0 : 1;
  },
});

class Checkup {
  readonly #client: ApiClient;
  readonly #report: (step: Step) => void;

  constructor(client: ApiClient, report: (step: Step) => void) {
    this.#client = client;
    this.#report = report;
  }

  /** @returns false at the first step that fails: those after it would only say so again. */
  async run(env: NodeJS.ProcessEnv, waitSeconds: number): Promise<boolean> {
    const traceId = randomBytes(16).toString("hex");
    const spanId = randomBytes(8).toString("hex");
    const secret = randomBytes(8).toString("hex");
    const heard = new AbortController();
    const steps: [string, () => Promise<string>][] = [
      ["node", async () => process.versions.node],
      ["environment", async () => readEnvironment(env)],
      ["server", () => this.#findServer()],
      ["database", () => this.#readStatus()],
      ["live events", () => this.#listen(traceId, heard)],
      ["send a trace", () => this.#send(traceId, spanId, secret)],
      ["read it back", () => this.#readBack(traceId, spanId, secret)],
      ["event of it", () => this.#awaitEvent(heard)],
      ...(waitSeconds > 0
        ? [["your application", () => this.#awaitTrace(traceId, waitSeconds)] as [string, () => Promise<string>]]
        : []),
    ];
    try {
      for (const [step, run] of steps) {
        try {
          this.#report({ step, ok: true, detail: await run() });
        } catch (error) {
          this.#report({ step, ok: false, detail: (error as Error).message });
          return false;
        }
      }
      return true;
    } finally {
      heard.abort();
    }
  }

  async #findServer(): Promise<string> {
    const { url } = this.#client;
    await this.#client.json("/api/health");
    if (!(await isSpanwise(url))) throw new ApiError(0, `what answers at ${url} is no Spanwise server: check --url.`);
    return url;
  }

  async #readStatus(): Promise<string> {
    const status = await this.#client.json<ServerStatus>("/api/status");
    const where = status.dbPath === null ? "in memory" : `${status.dbPath}, ${formatBytes(status.dbBytes)}`;
    const { lastRejected } = status.ingest;
    const refused =
      lastRejected === null
        ? ""
        : `; last refused: ${lastRejected.status} ${lastRejected.route} ${lastRejected.message}`;
    return `Spanwise ${status.version}, ${status.traceCount} traces ${where}${refused}`;
  }

  #heardOf: Promise<boolean> | undefined;

  async #listen(traceId: string, heard: AbortController): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      let isHeard = false;
      const onChange = (change: { traceIds: string[] } | null): void => {
        isHeard ||= change?.traceIds.includes(traceId) ?? false;
        if (isHeard) heard.abort();
      };
      this.#heardOf = follow(this.#client, onChange, heard.signal, resolve).then(
        () => isHeard,
        (error: Error) => {
          reject(error);
          return false;
        },
      );
    });
    return "open";
  }

  async #awaitEvent(heard: AbortController): Promise<string> {
    const timer = setTimeout(() => heard.abort(), ARRIVAL_MS);
    const isHeard = await this.#heardOf;
    clearTimeout(timer);
    if (isHeard !== true) throw new Error(`none within ${ARRIVAL_MS / 1000} s: does a proxy hold the stream back?`);
    return "arrived";
  }

  async #send(traceId: string, spanId: string, secret: string): Promise<string> {
    const now = BigInt(Date.now()) * 1_000_000n;
    const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
    const span = {
      traceId,
      spanId,
      name: "spanwise-doctor",
      kind: 1,
      startTimeUnixNano: String(now - 1_000_000n),
      endTimeUnixNano: String(now),
      attributes: [text("langfuse.observation.input", secret), text("langfuse.environment", "spanwise-doctor")],
    };
    const scopeSpans = [{ scope: { name: "spanwise-doctor" }, spans: [span] }];
    await this.#client.send("POST", "/v1/traces", { resourceSpans: [{ resource: { attributes: [] }, scopeSpans }] });
    return traceId;
  }

  async #readBack(traceId: string, spanId: string, secret: string): Promise<string> {
    const before = Date.now();
    for (;;) {
      try {
        await this.#client.json<TraceDetail>(`/api/traces/${traceId}`);
        const row = await this.#client.json<ObservationDetail>(`/api/traces/${traceId}/observations/${spanId}`);
        if (row.input !== secret) throw new Error("the input that came back is another one.");
        return `${traceUrl(this.#client.url, traceId)} after ${Date.now() - before} ms`;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        if (Date.now() - before > ARRIVAL_MS)
          throw new Error(`the trace was taken and cannot be read after ${ARRIVAL_MS / 1000} s.`, { cause: error });
        await sleep(POLL_MS);
      }
    }
  }

  async #awaitTrace(ownTraceId: string, seconds: number): Promise<string> {
    const from = Date.now();
    while (Date.now() - from < seconds * 1000) {
      const { data } = await this.#client.json<TraceListResponse>("/api/traces", { limit: 20 });
      const found = data.find((trace) => trace.traceId !== ownTraceId && (trace.endTime ?? trace.startTime) >= from);
      if (found !== undefined) return `${clean(found.name)}: ${traceUrl(this.#client.url, found.traceId)}`;
      await sleep(POLL_MS * 4);
    }
    throw new Error(
      `no trace came within ${seconds} s: is the SDK initialised, and does the process flush before it ends?`,
    );
  }
}

/** What keeps an SDK from sending here. */
function readEnvironment(env: NodeJS.ProcessEnv): string {
  const { SPANWISE_ENABLED: enabled, SPANWISE_BASE_URL: url, SPANWISE_EXPORTERS: exporters } = env;
  if (enabled !== undefined && !/^(1|true|on|yes)$/i.test(enabled)) {
    throw new Error(`SPANWISE_ENABLED is ${enabled}: SDKs started from here send nothing.`);
  }
  if (exporters !== undefined && !exporters.split(",").some((name) => name.trim() === "spanwise")) {
    throw new Error(`SPANWISE_EXPORTERS is ${exporters}: SDKs started from here do not send to Spanwise.`);
  }
  return url === undefined
    ? "SPANWISE_BASE_URL is not set: SDKs need it, or baseUrl in init"
    : `SPANWISE_BASE_URL is ${url}`;
}
