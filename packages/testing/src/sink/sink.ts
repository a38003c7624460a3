import type { IncomingMessage, ServerResponse } from "node:http";
import { decompress, readBody } from "../http/body.ts";
import { delay } from "../http/delay.ts";
import { listen } from "../http/listen.ts";
import { RuleScript } from "../http/rules.ts";
import { decodeOtlp } from "./decode-otlp.ts";
import { isJson, isOtlpPath, jsonReply, partialSuccessReply, route, scoresOf } from "./routes.ts";
import type { SinkReply } from "./routes.ts";
import type { Sink, SinkOptions, SinkRequest, SinkRule } from "./sink-types.ts";

const defaultMaxBodyBytes = 64 * 1024 * 1024;
/** Of a body that is reset half-way, when its length is not announced. */
const resetAfterBytes = 16 * 1024;
const pollMs = 5;

/**
 * A fake backend on real HTTP: takes OTLP traces (protobuf or JSON, at any path that ends in `/v1/traces`), Langfuse's
 * ingestion, scores, media and health routes, keeps what it accepts, and does what a rule says to single requests.
 *
 * @example
 * const sink = await createSink();
 * sink.script([{ status: 503, headers: { "retry-after": "0" } }, { reset: "reply" }]);
 * init({ baseUrl: sink.url });
 * await sink.waitFor((s) => s.spans().length === 2);
 */
export async function createSink(options: SinkOptions = {}): Promise<Sink> {
  const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  const script = new RuleScript<SinkRequest, SinkRule>();
  script.set(options.rules ?? []);
  const requests: SinkRequest[] = [];
  const rejected = new Map<SinkRequest, number>();
  const media: Sink["media"] = new Map();
  const closing = new AbortController();

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = describe(incoming);
    requests.push(request);
    // A rule's `match` may look at the decoded body, so rules are asked again once it has been read.
    const early = script.take(request, isEarly);
    if (early?.reset === "headers") return void incoming.socket.resetAndDestroy();
    if (early?.hang === "read") return void incoming.pause();
    if (early?.reset === "body") return await resetMidBody(incoming);

    const wire = await readBody(incoming, maxBodyBytes);
    if (wire === undefined) return reply(response, request, jsonReply(413, { message: "Payload too large" }), true);
    await decodeInto(request, wire, maxBodyBytes);

    const rule = script.take(request);
    await delay(rule?.delayMs ?? 0, closing.signal);
    if (response.destroyed) return;
    if (rule?.rawReply !== undefined) return void incoming.socket.end(rule.rawReply);
    const answer = answerFor(request, rule);
    if (answer.status < 300) accept(request, rule);
    if (rule?.reset === "reply") return void incoming.socket.resetAndDestroy();
    if (rule?.hang === "reply") return;
    if (rule?.reset === "mid-reply" || rule?.hang === "mid-reply") {
      request.status = answer.status;
      response.writeHead(answer.status, { ...answer.headers, "content-length": "64" });
      response.write(" ".repeat(32));
      if (rule.reset !== undefined) setTimeout(() => incoming.socket.resetAndDestroy(), pollMs);
      return;
    }
    reply(response, request, answer);
  }

  function answerFor(request: SinkRequest, rule: SinkRule | undefined): SinkReply {
    let answer = isAuthorized(request, options)
      ? route(request, listener.origin, options)
      : jsonReply(401, { message: "Invalid credentials" });
    if (rule?.partialSuccess !== undefined && answer.status === 200) {
      const { rejectedSpans, errorMessage } = rule.partialSuccess;
      answer = partialSuccessReply(request, rejectedSpans, errorMessage ?? "refused by the script");
    }
    if (rule?.status !== undefined) {
      answer = rule.status < 300 ? { ...answer, status: rule.status } : jsonReply(rule.status, { message: "scripted" });
    }
    return { ...answer, headers: { ...answer.headers, ...rule?.headers }, body: rule?.body ?? answer.body };
  }

  function accept(request: SinkRequest, rule: SinkRule | undefined): void {
    request.accepted = true;
    // `reset` came while it was under way: what has been accepted is there to be seen.
    if (!requests.includes(request)) requests.push(request);
    if (rule?.partialSuccess !== undefined) rejected.set(request, rule.partialSuccess.rejectedSpans);
    if (request.method === "PUT" && request.path.startsWith("/upload/")) {
      media.set(request.path.slice("/upload/".length), {
        contentType: request.headers["content-type"] ?? "",
        bytes: request.body,
      });
    }
  }

  const listener = await listen(options.port ?? 0, options.host ?? "127.0.0.1", handle);

  const sink: Sink = {
    url: listener.origin,
    port: listener.port,
    requests,
    media,
    spans: () =>
      requests
        .filter((request) => request.accepted)
        .flatMap((request) => {
          const spans = request.otlp?.spans ?? [];
          return spans.slice(0, spans.length - (rejected.get(request) ?? 0));
        }),
    scores: () => requests.filter((request) => request.accepted).flatMap(scoresOf),
    script: (rules) => script.set(rules),
    connectionsAccepted: () => listener.accepted(),
    async waitFor(condition, { timeoutMs = 10_000 } = {}) {
      const deadline = Date.now() + timeoutMs;
      while (!condition(sink)) {
        if (Date.now() > deadline) {
          const seen = requests.map((r) => `${r.method} ${r.path} ${r.status} (${r.otlp?.spans.length ?? 0} spans)`);
          throw new Error(`sink: nothing like that within ${timeoutMs} ms; arrived:\n${seen.join("\n") || "nothing"}`);
        }
        await delay(pollMs);
      }
    },
    reset() {
      requests.length = 0;
      rejected.clear();
      media.clear();
      script.set([]);
    },
    async close() {
      closing.abort();
      await listener.close();
    },
  };
  return sink;
}

/** Faults that come before the body has been read; their `match` sees the headers only. */
function isEarly(rule: SinkRule): boolean {
  return rule.reset === "headers" || rule.reset === "body" || rule.hang === "read";
}

function describe(incoming: IncomingMessage): SinkRequest {
  const url = new URL(incoming.url ?? "/", "http://sink");
  return {
    method: incoming.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : (value ?? ""),
      ]),
    ),
    wireBytes: 0,
    body: Buffer.alloc(0),
    json: undefined,
    otlp: undefined,
    decodeError: undefined,
    receivedAtMs: Date.now(),
    status: 0,
    accepted: false,
  };
}

async function decodeInto(request: SinkRequest, wire: Buffer, maxBytes: number): Promise<void> {
  request.wireBytes = wire.length;
  try {
    request.body = await decompress(wire, request.headers["content-encoding"], maxBytes);
    if (isOtlpPath(request.path)) request.otlp = decodeOtlp(request.body, isJson(request) ? "json" : "protobuf");
    else if (isJson(request) && request.body.length > 0) request.json = JSON.parse(request.body.toString("utf8"));
  } catch (error) {
    request.decodeError = error instanceof Error ? error.message : String(error);
  }
}

async function resetMidBody(incoming: IncomingMessage): Promise<void> {
  // Leaving the loop detaches the socket from the request.
  const { socket } = incoming;
  const announced = Number(incoming.headers["content-length"] ?? 2 * resetAfterBytes);
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes >= Math.min(resetAfterBytes, announced / 2)) break;
  }
  socket.resetAndDestroy();
}

function isAuthorized(request: SinkRequest, { auth }: SinkOptions): boolean {
  if (auth === undefined || request.path === "/api/public/health" || request.path.startsWith("/upload/")) return true;
  const expected = Buffer.from(`${auth.publicKey}:${auth.secretKey}`).toString("base64");
  return request.headers["authorization"] === `Basic ${expected}`;
}

function reply(response: ServerResponse, request: SinkRequest, answer: SinkReply, close = false): void {
  request.status = answer.status;
  response.writeHead(answer.status, close ? { ...answer.headers, connection: "close" } : answer.headers);
  response.end(answer.body);
}
