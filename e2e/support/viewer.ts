import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTracer, type Observation, type Tracer } from "@spanwise/core";
import { root } from "./consumer.ts";
import { start } from "./run.ts";
import { type GeneratedTrace, generateTraces, MEDIA, ragAgent } from "../../packages/viewer/dev/mock-data.mjs";

export interface Viewer {
  readonly origin: string;
  /** The list page's address. */
  readonly listUrl: string;
  /** The address of the newest trace with this name. */
  traceUrl(name: string): Promise<string>;
  /** The id of an observation in the newest trace with this name. */
  observationId(trace: string, observation: string): Promise<string>;
  /** A new trace of this moment, sent by the SDK. */
  addTrace(traceId?: string): Promise<void>;
  traceCount(): Promise<number>;
  stop(): Promise<void>;
}

const QUESTION = "A new question, just asked";

/** The largest page of the API. */
const MAX_PAGE = 200;

/** Above the SDK's `maxValueBytes`, so that it is cut before it is sent. */
const CUT_CHARS = 1_200_000;

/** The real server with the built viewer in a process of its own, and traces that went through the SDK and over HTTP. */
export async function startViewer(options: { isEmpty?: boolean } = {}): Promise<Viewer> {
  // A file, as users have it; the store in memory is another one, and slower.
  const folder = mkdtempSync(join(tmpdir(), "spanwise-viewer-"));
  const server = start([
    join(root, "packages/server/bin/spanwise.mjs"),
    "--port",
    "0",
    "--db",
    join(folder, "viewer.db"),
  ]);
  const [origin] = await server.waitFor(/http:\/\/[^\s/]+/);
  const tracer = createTracer({ baseUrl: origin, environment: "production", logLevel: "error" });
  const seeds = new Seeds(tracer);
  if (options.isEmpty !== true) {
    for (const trace of generateTraces(Date.now()).toReversed()) seeds.send(trace);
    await seeds.flush();
  }
  const listUrl = `${origin}/p/default/traces`;
  const find = async (name: string): Promise<string> => {
    const q = `name:${JSON.stringify(name)}`;
    const { data } = await readJson<{ data: { traceId: string }[] }>(
      `${origin}/api/traces?${new URLSearchParams({ limit: "1", q })}`,
    );
    const [found] = data;
    if (found === undefined) throw new Error(`no trace ${name}`);
    return found.traceId;
  };
  return {
    origin,
    listUrl,
    traceUrl: async (name) => `${listUrl}/${await find(name)}`,
    async observationId(trace, observation) {
      const url = `${origin}/api/traces/${await find(trace)}`;
      const { observations } = await readJson<{ observations: { id: string; name: string }[] }>(url);
      const found = observations.find(({ name }) => name === observation);
      if (found === undefined) throw new Error(`no observation ${observation} in ${trace}`);
      return found.id;
    },
    async addTrace(traceId) {
      seeds.send(ragAgent(10_000, Date.now(), QUESTION), traceId);
      await seeds.flush();
    },
    traceCount: async () => (await readJson<{ data: unknown[] }>(`${origin}/api/traces?limit=${MAX_PAGE}`)).data.length,
    async stop() {
      await tracer.shutdown({ timeoutMs: 1_000 });
      server.child.kill("SIGKILL");
      await server.finished();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Generated traces as a program would make them. */
class Seeds {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  send({ trace, observations, details }: GeneratedTrace, traceId?: string): void {
    const handles = new Map<string, Observation>();
    const open: (() => void)[] = [];
    for (const summary of observations) {
      const detail = details.get(summary.id)!;
      const isRoot = summary.parentId === null;
      const known = summary.parentId === null ? undefined : handles.get(summary.parentId);
      const first = handles.values().next().value;
      const parent =
        known ??
        (isRoot
          ? traceId === undefined
            ? null
            : { traceId, observationId: "0".repeat(15) + "1" }
          : { traceId: first!.traceId, observationId: summary.parentId! });
      const handle = this.#tracer.startObservation(
        summary.name,
        {
          ...(summary.hasInput ? { input: real(detail.input) } : {}),
          ...(summary.model === null ? {} : { model: summary.model }),
        },
        {
          // An event of the SDK is a moment, and these take time.
          type: summary.type === "event" ? "span" : summary.type,
          parent,
          startTime: summary.startTime,
          ...(isRoot ? { trace: traceFields(trace) } : {}),
        },
      );
      handles.set(summary.id, handle);
      if (summary.endTime === null) continue;
      // A parent ends after its children, as it does in a program.
      open.unshift(() => {
        const { score: _, ...fields } = {
          score: detail.scores,
          ...(summary.hasOutput ? { output: real(detail.output) } : {}),
          ...(detail.metadata === null ? {} : { metadata: detail.metadata }),
          ...(detail.modelParameters === null ? {} : { modelParameters: detail.modelParameters }),
          ...(summary.usage === null ? {} : { usageDetails: summary.usage }),
          ...(summary.completionStartTime === null ? {} : { completionStartTime: summary.completionStartTime }),
          ...(summary.status === "error"
            ? { level: "ERROR" as const, statusMessage: summary.statusMessage ?? "" }
            : {}),
        };
        for (const score of detail.scores) handle.score(scoreFields(score));
        handle.end(fields, { endTime: summary.endTime! });
      });
    }
    for (const score of trace.scores) handles.values().next().value?.scoreTrace(scoreFields(score));
    for (const end of open) end();
  }

  async flush(): Promise<void> {
    const { failed, dropped, pending } = await this.#tracer.flush({ timeoutMs: 60_000 });
    if (failed + dropped + pending > 0)
      throw new Error(`not sent: ${failed} failed, ${dropped} dropped, ${pending} left`);
  }
}

function traceFields({ name, userId, sessionId, tags, release, metadata }: GeneratedTrace["trace"]) {
  return {
    traceName: name,
    tags,
    ...(userId === null ? {} : { userId }),
    ...(sessionId === null ? {} : { sessionId }),
    ...(release === null ? {} : { release }),
    ...(metadata === null ? {} : { metadata }),
  };
}

function scoreFields({ name, value, dataType, comment, metadata }: GeneratedTrace["trace"]["scores"][number]) {
  return {
    name,
    value,
    dataType,
    ...(comment === null ? {} : { comment }),
    ...(metadata === null ? {} : { metadata }),
  };
}

/** A value that is one reference and nothing else: the SDK makes those of data URIs, and leaves text as it is. */
const TOKEN = /"@@@langfuseMedia:type=([^|]+)\|id=([\w-]{22})\|source=\w+@@@"/g;

/** The bytes themselves where the generator wrote the reference the SDK makes of them, and a text that is really too long. */
function real(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll(TOKEN, (token, type: string, id: string) => {
    const media = MEDIA.get(id);
    return media === undefined ? token : `"data:${type};base64,${media.bytes.toString("base64")}"`;
  });
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed === "object" && parsed !== null && "note" in parsed)
    return { ...parsed, note: "x".repeat(CUT_CHARS) };
  return parsed;
}

async function readJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}: ${await response.text()}`);
  return (await response.json()) as T;
}
