import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createClient, type ScoreClient } from "../../src/api/index.ts";
import { MAX_AGE_MS, MAX_QUEUED_BYTES } from "../../src/api/score-queue.ts";
import { codeOf, keys, setUp } from "./setup.ts";

const traceId = "a".repeat(32);
const good = { name: "good", value: 1, traceId };

/** given = queued + sent + dropped, at every moment. */
function expectBalance(client: ScoreClient): void {
  const { given, queued, sent, dropped } = client.stats().scores;
  expect(given).toBe(queued + sent + Object.values(dropped).reduce((sum, count) => sum + count, 0));
}

afterEach(() => {
  vi.useRealTimers();
});

describe("score()", () => {
  test("sends with the public key alone, in one request, and returns the id", async () => {
    const { api } = await setUp();
    const client = createClient({ baseUrl: api.url, publicKey: keys.publicKey });
    const id = client.score(good);
    expect(client.score({ ...good, id: "mine", value: "yes", comment: "c", metadata: { a: 1 } })).toBe("mine");
    expectBalance(client);
    expect(await client.flush()).toEqual({ sent: 2, failed: 0, dropped: 0, pending: 0 });
    expect(api.requests).toMatchObject([
      { path: "/api/public/ingestion", headers: { authorization: "Bearer pk-lf-1" }, status: 207 },
    ]);
    expect(api.data.scores.get(id)).toMatchObject({ name: "good", value: 1, traceId });
    expect(api.data.scores.get("mine")).toMatchObject({ dataType: "CATEGORICAL", comment: "c", metadata: { a: 1 } });
    expectBalance(client);
  });

  test("sends by itself soon", async () => {
    const { api, client } = await setUp();
    client.score(good);
    await expect.poll(() => api.data.scores.size).toBe(1);
  });

  test("never throws: what no backend takes is counted as invalid", async () => {
    const { api, client } = await setUp();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    client.score({ ...good, name: "" });
    client.score({ ...good, value: Number.NaN });
    client.score(undefined as never);
    client.score({
      get name(): string {
        throw new Error("getter");
      },
      value: 1,
    });
    expect(await client.flush()).toEqual({ sent: 0, failed: 0, dropped: 0, pending: 0 });
    expect(client.stats().scores.dropped).toEqual({ invalid: 4 });
    expect(api.requests).toEqual([]);
    expectBalance(client);
  });

  test("one score that the backend refuses does not take the others with it", async () => {
    const { api, client } = await setUp(4, {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
    client.score(good);
    client.score({ name: "about nothing", value: 1 });
    client.score(good);
    expect(await client.flush()).toEqual({ sent: 2, failed: 1, dropped: 0, pending: 0 });
    expect(api.data.scores.size).toBe(2);
    expect(client.stats().scores.dropped).toEqual({ rejected: 1 });
    expect(client.stats().scores.lastError).toMatch(/refused: HTTP 400/);
  });
});

describe("a backend that is away", () => {
  test("gets every score once it is back, each once", async () => {
    const { api, client } = await setUp();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    api.script([{ status: 503, headers: { "retry-after": "0" } }, { reset: "after" }, { reset: "before" }]);
    for (let value = 0; value < 20; value++) client.score({ ...good, value });
    expect(await client.flush()).toEqual({ sent: 20, failed: 0, dropped: 0, pending: 0 });
    expect(api.data.scores.size).toBe(20);
    // Node's transport repeats a request by itself when an idle connection turns out to be closed.
    expect(client.stats().scores.retried).toBeGreaterThanOrEqual(40);
    expectBalance(client);
  });

  test("is not waited for beyond flush's deadline", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const client = createClient({ baseUrl: "http://127.0.0.1:1" });
    client.score(good);
    const startedAt = performance.now();
    expect(await client.flush({ timeoutMs: 50 })).toEqual({ sent: 0, failed: 0, dropped: 0, pending: 1 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await client.close({ timeoutMs: 10 })).toMatchObject({ pending: 1 });
    expect(client.stats().scores).toMatchObject({ queued: 0, dropped: { closed: 1 } });
    client.score(good);
    expect(client.stats().scores.dropped).toEqual({ closed: 2 });
    expectBalance(client);
  });

  test("makes scores expire, not wait for ever", async () => {
    const { api, client } = await setUp();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    api.script([{ status: 503, headers: { "retry-after": "0" }, times: Infinity }]);
    const now = vi.spyOn(performance, "now").mockReturnValue(performance.now());
    client.score(good);
    now.mockReturnValue(performance.now() + MAX_AGE_MS + 1);
    expect(await client.flush()).toMatchObject({ dropped: 1, pending: 0 });
    expect(client.stats().scores.dropped).toEqual({ expired: 1 });
    now.mockRestore();
  });

  test.each([401, 403, 404])("that answers %i is not asked again", async (status) => {
    const { api, client } = await setUp();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    api.script([{ status, times: Infinity }]);
    client.score(good);
    expect(await client.flush()).toEqual({ sent: 0, failed: 1, dropped: 0, pending: 0 });
    expect(api.requests).toHaveLength(1);
  });
});

test("more than fits is refused and counted, and memory is given back", async () => {
  const { api, client } = await setUp();
  const comment = "x".repeat(50_000);
  for (let i = 0; i < 30; i++) client.score({ ...good, comment });
  const { queued, dropped } = client.stats().scores;
  expect(queued).toBe(Math.floor(MAX_QUEUED_BYTES / 50_400));
  expect(dropped).toEqual({ queue_full: 30 - queued });
  expect(await client.flush()).toMatchObject({ sent: queued });
  client.score({ ...good, comment: "x".repeat(62_000) });
  expect(client.stats().scores.dropped.queue_full).toBe(31 - queued);
  client.score({ ...good, comment });
  expect(await client.flush()).toMatchObject({ sent: 1 });
  for (const { body } of api.requests) expect(JSON.stringify(body).length).toBeLessThanOrEqual(60 * 1024 + 20);
  expectBalance(client);
});

describe("mask", () => {
  test("may be asynchronous; flush waits for it", async () => {
    const { api, client } = await setUp(4, {
      mask: async (record) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { ...record, comment: "[masked]", value: 0 };
      },
    });
    const id = client.score({ ...good, comment: "secret" });
    expect(await client.flush()).toMatchObject({ sent: 1 });
    expect(api.data.scores.get(id)).toMatchObject({ comment: "[masked]", value: 0 });
    expect(JSON.stringify(api.requests)).not.toContain("secret");
  });

  test.each([
    ["that throws", "mask"],
    ["whose answer throws when it is read", "getter"],
  ])("%s fails closed, in what is sent and in the log", async (_, where) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const fail = (): never => {
      throw new Error("no secret");
    };
    const { api, client } = await setUp(4, {
      mask: (record) => (where === "mask" ? fail() : Object.defineProperty(record, "comment", { get: fail })),
    });
    client.score({ ...good, comment: "secret" });
    expect(await client.flush()).toMatchObject({ sent: 1 });
    expect(warn.mock.calls.flat().map(String).join()).toMatch(/mask failed/);
    expect(warn.mock.calls.flat().map(String).join()).not.toContain("secret");
    expect(JSON.stringify(api.requests)).not.toContain("secret");
    expect(client.stats().scores.maskFailed).toBe(1);
  });
});

test("a public key alone sends scores and is told before sending that it can do nothing else", async () => {
  const { api } = await setUp();
  const client = createClient({ baseUrl: api.url, publicKey: keys.publicKey });
  await client.scores.create({ ...good, id: "s" });
  expect(api.data.scores.has("s")).toBe(true);
  const before = api.requests.length;
  const untyped = client as unknown as ReturnType<typeof createClient>;
  expect("datasets" in untyped).toBe(true);
  const full = untyped as unknown as { datasets: { list(): PromiseLike<unknown> } };
  expect(await codeOf(full.datasets.list())).toBe("UNAUTHORIZED");
  expect(api.requests).toHaveLength(before);
});

describe("a page", () => {
  /** What of a page the queue looks at. */
  function stubPage(): {
    hide(): void;
    blur(): void;
    go(): void;
    listeners(): number;
    inits: RequestInit[];
    answer(): void;
  } {
    const page = new EventTarget();
    let listeners = 0;
    const count = (target: EventTarget) => ({
      addEventListener: (...args: Parameters<EventTarget["addEventListener"]>) => {
        listeners++;
        target.addEventListener(...args);
      },
      removeEventListener: (...args: Parameters<EventTarget["removeEventListener"]>) => {
        listeners--;
        target.removeEventListener(...args);
      },
    });
    vi.stubGlobal("addEventListener", count(page).addEventListener);
    vi.stubGlobal("removeEventListener", count(page).removeEventListener);
    const visibility = new EventTarget();
    const document = { visibilityState: "visible", ...count(visibility) };
    vi.stubGlobal("document", document);
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 Chrome/149.0" });
    const inits: RequestInit[] = [];
    const answers: (() => void)[] = [];
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
      inits.push(init);
      return new Promise<Response>((resolve) => {
        answers.push(() => resolve(new Response('{"successes":[],"errors":[]}', { status: 207 })));
      });
    });
    return {
      go: () => void page.dispatchEvent(new Event("pagehide")),
      hide: () => {
        document.visibilityState = "hidden";
        visibility.dispatchEvent(new Event("visibilitychange"));
      },
      blur: () => void visibility.dispatchEvent(new Event("visibilitychange")),
      listeners: () => listeners,
      inits,
      answer: () => answers.splice(0).forEach((answer) => answer()),
    };
  }

  /** Only while the client is made: the rest of Node wants its `process`. */
  function createInPage(): ScoreClient {
    const real = process;
    vi.stubGlobal("process", { env: {}, versions: {} });
    try {
      return createClient({ baseUrl: "http://backend", publicKey: "pk" });
    } finally {
      vi.stubGlobal("process", real);
    }
  }

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test.each(["go", "hide"] as const)(
    "that starts to %s sends at once, kept alive, beside what is under way",
    async (event) => {
      const page = stubPage();
      const client = createInPage();
      client.score(good);
      page[event]();
      client.score({ ...good, value: 2 });
      page[event]();
      expect(page.inits).toMatchObject([
        { keepalive: true, headers: { authorization: "Bearer pk" } },
        { keepalive: true },
      ]);
      page.answer();
      expect(await client.close()).toEqual({ sent: 2, failed: 0, dropped: 0, pending: 0 });
      expect(client.stats().scores).toMatchObject({ sent: 2, queued: 0 });
      expect(page.listeners()).toBe(0);
    },
  );

  test("that only loses its focus sends nothing early", () => {
    const page = stubPage();
    const client = createInPage();
    client.score(good);
    page.blur();
    expect(page.inits).toEqual([]);
  });

  test("keeps at most 60 KiB alive, more goes as ordinary requests", () => {
    const page = stubPage();
    const client = createInPage();
    for (let i = 0; i < 3; i++) client.score({ ...good, comment: "x".repeat(40_000) });
    page.go();
    expect(page.inits.map(({ keepalive }) => keepalive === true)).toEqual([true, false, false]);
  });
});
