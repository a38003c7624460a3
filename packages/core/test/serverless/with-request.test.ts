import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, memory, observe, type Tracer } from "../../src/index.ts";
import { withRequest } from "../../src/serverless/index.ts";

const exporter = memory();
let tracer: Tracer;

beforeEach(() => {
  exporter.clear();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await tracer.shutdown();
});

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const HEADER = `00-${TRACE_ID}-b7ad6b7169203331-01`;

/** What Cloudflare gives: promises that outlive the answer. */
function context() {
  const promises: Promise<unknown>[] = [];
  return {
    waitUntil: (promise: Promise<unknown>) => void promises.push(promise),
    settled: () => Promise.all(promises),
    get count() {
      return promises.length;
    },
  };
}

const request = (init?: RequestInit): Request => new Request("http://host/chat?token=secret", init);
const only = () => {
  expect(exporter.observations).toHaveLength(1);
  return exporter.observations[0]!;
};

describe("withRequest", () => {
  test("continues the caller's trace, is the root of what runs inside, and records the status", async () => {
    const inner = observe(async () => "x", { name: "inner", tracer });
    const handler = withRequest(
      async (_request: Request, _env: object, _ctx: object) => Response.json({ answer: await inner() }),
      { tracer },
    );
    const ctx = context();
    const answer = await handler(request({ method: "POST", headers: { traceparent: HEADER } }), {}, ctx);
    expect(await answer.json()).toEqual({ answer: "x" });
    await ctx.settled();
    const [child, root] = exporter.observations;
    expect(root).toMatchObject({
      name: "POST /chat",
      traceId: TRACE_ID,
      parentId: "b7ad6b7169203331",
      isAppRoot: true,
      status: "ok",
    });
    expect(JSON.parse(root!.metadata!)).toEqual({
      "http.request.method": "POST",
      "url.path": "/chat",
      "http.response.status_code": 200,
    });
    expect(child).toMatchObject({ name: "inner", parentId: root!.id, traceId: TRACE_ID });
    expect(JSON.stringify(exporter.observations)).not.toContain("secret");
  });

  test("hands the flush to waitUntil and does not wait for it", async () => {
    const flush = vi.spyOn(tracer, "flush").mockReturnValue(new Promise(() => {}));
    const ctx = context();
    const handler = withRequest((_request: Request, _ctx: object) => Response.json(1), { tracer });
    expect((await handler(request(), ctx)).status).toBe(200);
    expect(ctx.count).toBe(1);
    expect(flush).toHaveBeenCalledTimes(1);
    flush.mockRestore();
  });

  test("finds Vercel's context", async () => {
    const key = Symbol.for("@vercel/request-context");
    const ctx = context();
    Object.assign(globalThis, { [key]: { get: () => ctx } });
    try {
      await withRequest(() => Response.json(1), { tracer })();
      expect(ctx.count).toBe(1);
      await ctx.settled();
      expect(only().status).toBe("ok");
    } finally {
      delete (globalThis as { [key]?: unknown })[key];
    }
  });

  test("takes a function such as Next's after, and goes on when it refuses", async () => {
    const after = vi.fn(() => {
      throw new Error("outside of a request scope");
    });
    const answer = await withRequest(() => Response.json(1), { tracer, waitUntil: after })();
    expect(answer.status).toBe(200);
    expect(after).toHaveBeenCalledTimes(1);
  });

  test("on a server that stays flushes nothing", async () => {
    const flush = vi.spyOn(tracer, "flush");
    await withRequest((_request: Request) => Response.json(1), { tracer })(request());
    expect(flush).not.toHaveBeenCalled();
  });

  test("on AWS Lambda flushes before the answer, for events of API Gateway", async () => {
    vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "chat-function");
    interface Event {
      rawPath: string;
      headers: Record<string, string>;
      requestContext: { http: { method: string } };
    }
    const handler = withRequest(async (_event: Event) => ({ statusCode: 404, body: "" }), { tracer });
    const event = { rawPath: "/chat", headers: { Traceparent: HEADER }, requestContext: { http: { method: "GET" } } };
    expect(await handler(event)).toEqual({ statusCode: 404, body: "" });
    expect(only()).toMatchObject({ name: "GET /chat", traceId: TRACE_ID, status: "ok" });
    expect(JSON.parse(only().metadata!)["http.response.status_code"]).toBe(404);
    exporter.clear();
    await withRequest(async (_queue: { Records: unknown[] }) => undefined, { tracer })({ Records: [] });
    expect(only().name).toBe("chat-function");
  });

  test("throws what the handler throws and records it", async () => {
    const ctx = context();
    const error = new Error("theirs");
    const handler = withRequest(
      (_request: Request, _ctx: object): Response => {
        throw error;
      },
      { tracer },
    );
    await expect(handler(request(), ctx)).rejects.toBe(error);
    await ctx.settled();
    expect(only()).toMatchObject({ level: "ERROR", statusMessage: "theirs" });
  });

  test("a status of 500 is an error, one of 404 is not", async () => {
    const ctx = context();
    const handler = withRequest((_ctx: object, status: number) => Response.json(null, { status }), { tracer });
    await handler(ctx, 503);
    await handler(ctx, 404);
    await ctx.settled();
    expect(exporter.observations).toMatchObject([{ level: "ERROR", statusMessage: "HTTP 503" }, { level: "DEFAULT" }]);
  });

  test("keeps this, and takes name, type and trace from the request", async () => {
    const ctx = context();
    const app = {
      greeting: "hello",
      fetch: withRequest(
        function (this: { greeting: string }, _request: Request, _ctx: object) {
          return Response.json(this.greeting);
        },
        {
          tracer: () => tracer,
          name: (given) => `chat ${given.method}`,
          type: "agent",
          trace: () => ({ userId: "u1" }),
        },
      ),
    };
    expect(await (await app.fetch(request(), ctx)).json()).toBe("hello");
    await ctx.settled();
    expect(only()).toMatchObject({ name: "chat GET", type: "agent" });
    expect(only().trace.current().userId).toBe("u1");
  });

  test("an option that throws does not fail the request", async () => {
    const broken = (): never => {
      throw new Error("broken");
    };
    const handler = withRequest((_ctx: object) => Response.json(1), { tracer, name: broken, trace: broken });
    expect((await handler(context())).status).toBe(200);
    await tracer.flush();
    expect(only().name).toBe("request");
  });

  // Next's edge runtime: https://nextjs.org/docs/messages/middleware-new-signature
  test("takes a request that throws when it is asked for one inside it", async () => {
    class NextRequest extends Request {
      get request(): never {
        throw new Error("the form handler({ request }) is not supported");
      }
    }
    const handler = withRequest((_request: Request) => Response.json(1), { tracer });
    await handler(new NextRequest("http://host/chat", { method: "POST", headers: { traceparent: HEADER } }));
    await tracer.flush();
    expect(only()).toMatchObject({ name: "POST /chat", traceId: TRACE_ID, status: "ok" });
  });

  test("takes the request out of a context around it", async () => {
    const ctx = { ...context(), request: request({ headers: { traceparent: HEADER } }) };
    await withRequest((_context: object) => Response.json(1), { tracer })(ctx);
    await tracer.flush();
    expect(only()).toMatchObject({ name: "GET /chat", traceId: TRACE_ID });
  });
});

describe("a streamed answer", () => {
  const encoder = new TextEncoder();
  let pulled: number;
  let cancelledWith: unknown;
  beforeEach(() => {
    pulled = 0;
    cancelledWith = undefined;
  });

  const stream = (chunks: number, error?: Error): ReadableStream<Uint8Array> =>
    new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (pulled < chunks) controller.enqueue(encoder.encode(`chunk ${pulled++};`));
          else if (error) controller.error(error);
          else controller.close();
        },
        cancel: (reason) => void (cancelledWith = reason),
      },
      { highWaterMark: 0 },
    );
  const answerWith = (body: ReadableStream<Uint8Array>, signal?: AbortSignal) => {
    const ctx = context();
    const handler = withRequest(
      (_request: Request, _ctx: object) =>
        new Response(body, { status: 201, headers: { "content-type": "text/event-stream", "x-own": "1" } }),
      { tracer },
    );
    return { ctx, answer: handler(request({ signal: signal ?? null }), ctx) };
  };

  test("ends its observation, and is flushed, when it was read", async () => {
    const { ctx, answer } = answerWith(stream(3));
    const response = await answer;
    expect(response).toMatchObject({ status: 201 });
    expect(response.headers.get("x-own")).toBe("1");
    expect(pulled).toBe(0);
    expect(tracer.stats().open).toBe(1);
    expect(ctx.count).toBe(1);
    expect(await response.text()).toBe("chunk 0;chunk 1;chunk 2;");
    await ctx.settled();
    expect(only()).toMatchObject({ status: "ok" });
  });

  test("is not read ahead of its reader", async () => {
    const { answer } = answerWith(stream(100));
    const reader = (await answer).body!.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pulled).toBe(1);
    await reader.cancel();
  });

  test("that the caller leaves is cancelled, and the source is told", async () => {
    const { ctx, answer } = answerWith(stream(100));
    const reader = (await answer).body!.getReader();
    await reader.read();
    await reader.cancel("gone");
    await ctx.settled();
    expect(cancelledWith).toBe("gone");
    expect(only()).toMatchObject({ status: "cancelled", level: "WARNING" });
  });

  test("that nobody reads ends with its request", async () => {
    const abort = new AbortController();
    const { ctx, answer } = answerWith(stream(100), abort.signal);
    await answer;
    abort.abort();
    await ctx.settled();
    expect(only()).toMatchObject({ status: "cancelled" });
  });

  test("that fails on the way fails for the reader and is recorded", async () => {
    const { ctx, answer } = answerWith(stream(1, new Error("upstream broke")));
    await expect((await answer).text()).rejects.toThrow("upstream broke");
    await ctx.settled();
    expect(only()).toMatchObject({ level: "ERROR", statusMessage: "upstream broke" });
  });

  test("of known length, JSON and subclasses are handed on as they are", async () => {
    class OwnResponse extends Response {}
    const answers = [
      Response.json({}),
      new Response("text", { headers: { "content-length": "4" } }),
      new Response(null, { status: 204 }),
      new OwnResponse(stream(1)),
    ];
    for (const answer of answers) {
      expect(await withRequest((_ctx: object) => answer, { tracer })(context())).toBe(answer);
    }
  });
});
