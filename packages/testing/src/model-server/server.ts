import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../http/body.ts";
import { delay } from "../http/delay.ts";
import { listen } from "../http/listen.ts";
import { RuleScript } from "../http/rules.ts";
import { isObject, parseJson } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { ApiError } from "./api-error.ts";
import { faultHeaders, faultOfHeader, faultOfModel } from "./fault-rule.ts";
import type { ModelRequest, ModelRule } from "./fault-rule.ts";
import { hexId } from "./ids.ts";
import { PromptCache } from "./prompt-cache.ts";
import type { Reply } from "./reply.ts";
import { ResponseStore } from "./response-store.ts";
import { route } from "./routes.ts";
import { writeReply } from "./write-reply.ts";

const maxBodyBytes = 64 * 1024 * 1024;
const maxHeaderFaults = 1000;
/** The log of a server that runs on its own for days. */
const maxLoggedRequests = 10_000;

export interface ModelServerOptions {
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Default `127.0.0.1`. */
  host?: string | undefined;
  /** When given, any other key is answered with 401. */
  apiKey?: string | undefined;
  /** Before every reply; makes a demo's trace look like one. Default 0. */
  delayMs?: number | undefined;
  /** Between the events of every stream. Default 0. */
  chunkDelayMs?: number | undefined;
  rules?: readonly ModelRule[] | undefined;
}

export interface ModelServer {
  /** `http://127.0.0.1:<port>/v1`: a `baseURL` for the `openai` client. */
  readonly url: string;
  readonly port: number;
  /** The last 10 000 requests in order of arrival. */
  readonly requests: ModelRequest[];
  /** Replaces the rules. Rules are taken in order, each `times` times (default 1). */
  script(rules: readonly ModelRule[]): void;
  /** Connections open at this moment: 0 after every stream was cancelled or read to its end by a client without keep-alive. */
  connections(): number;
  close(): Promise<void>;
}

/**
 * An OpenAI-compatible model server on real HTTP that needs no key: chat, responses, embeddings, completions, moderations,
 * models. Answers are deterministic and taken from the documents in the prompt; faults come by script, by the header
 * `x-standin-fault`, or by a model name such as `fault-429`.
 *
 * @example
 * const server = await createModelServer();
 * const client = new OpenAI({ baseURL: server.url, apiKey: "none" });
 * server.script([{ status: 429, headers: { "retry-after": "0" } }, { stream: { breakAfterChunks: 3, how: "reset" } }]);
 */
export async function createModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const script = new RuleScript<ModelRequest, ModelRule>();
  script.set(options.rules ?? []);
  const requests: ModelRequest[] = [];
  const cache = new PromptCache();
  const responses = new ResponseStore();
  const headerFaults = new Map<string, number>();
  const closing = new AbortController();

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now();
    const { socket } = incoming;
    const request = await readRequest(incoming);
    requests.push(request);
    if (requests.length > maxLoggedRequests) requests.shift();
    response.on("close", () => (request.aborted = !response.writableFinished));
    const rule = script.take(request) ?? headerFault(request) ?? faultOfModel(request.body?.["model"]);
    await delay(rule?.delayMs ?? options.delayMs ?? 0, closing.signal);
    if (socket.destroyed) return;
    if (rule?.reset === true) return void socket.resetAndDestroy();
    if (rule?.hang === true) return;

    const reply = await replyTo(request, rule);
    request.status = reply.kind === "json" ? reply.status : 200;
    await writeReply(incoming, response, reply, {
      rule,
      chunkDelayMs: options.chunkDelayMs ?? 0,
      signal: closing.signal,
      headers: {
        "x-request-id": hexId("req_", 16),
        "openai-organization": "spanwise-standin",
        "openai-processing-ms": String(Math.round(performance.now() - startedMs)),
        "openai-version": "2020-10-01",
        ...(rule === undefined ? {} : faultHeaders(rule)),
      },
    });
  }

  async function replyTo(request: ModelRequest, rule: ModelRule | undefined): Promise<Reply> {
    try {
      if (rule?.status !== undefined && rule.status >= 400) throw new ApiError(rule.status, rule.error);
      if (rule?.body !== undefined) return { kind: "json", status: rule.status ?? 200, body: rule.body };
      if (options.apiKey !== undefined && request.headers["authorization"] !== `Bearer ${options.apiKey}`)
        throw new ApiError(401);
      const path = request.path.split("?", 1)[0] ?? "/";
      return await route(request.method, path, request.body, { cache, responses, scripted: rule?.answer });
    } catch (error) {
      if (error instanceof ApiError) return { kind: "json", status: error.status, body: error.body };
      throw error;
    }
  }

  function headerFault(request: ModelRequest): ModelRule | undefined {
    const header = request.headers["x-standin-fault"];
    if (header === undefined) return undefined;
    const rule = faultOfHeader(header);
    const key = `${header}\n${request.path}\n${request.rawBody}`;
    const used = headerFaults.get(key) ?? 0;
    if (used >= (rule.times ?? 1)) return undefined;
    if (headerFaults.size >= maxHeaderFaults) headerFaults.clear();
    headerFaults.set(key, used + 1);
    return rule;
  }

  const listener = await listen(options.port ?? 0, options.host ?? "127.0.0.1", handle);
  return {
    url: `${listener.origin}/v1`,
    port: listener.port,
    requests,
    script: (rules) => script.set(rules),
    connections: () => listener.connections(),
    async close() {
      closing.abort();
      await listener.close();
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<ModelRequest> {
  const rawBody = (await readBody(incoming, maxBodyBytes))?.toString("utf8") ?? "";
  let body: JsonObject | undefined;
  try {
    const value = rawBody === "" ? undefined : parseJson(rawBody);
    if (isObject(value)) body = value;
  } catch {
    // The route answers with OpenAI's own 400 for a body that does not parse.
  }
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "/",
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : (value ?? ""),
      ]),
    ),
    body,
    rawBody,
    receivedAtMs: Date.now(),
    status: 0,
    aborted: false,
  };
}
