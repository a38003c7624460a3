import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createLangfuseApi, type LangfuseApi } from "@spanwise/testing";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { bundle } from "../support/bundle.ts";
import { createConsumer, type Consumer } from "../support/consumer.ts";
import { start, type Running } from "../support/run.ts";

const keys = { publicKey: "pk-lf-1", secretKey: "sk-lf-1" };
const traceId = "a".repeat(32);
const ENTRY = `import { createClient } from "@spanwise/core/api"; import { init } from "@spanwise/core";
  Object.assign(globalThis, { createClient, init });`;

interface PageGlobals {
  createClient: (options: object) => { score(score: object): string; flush(): Promise<unknown> };
  init: (options: object) => unknown;
  client: ReturnType<PageGlobals["createClient"]>;
}

let browser: Browser;
let consumer: Consumer;
let site: Server;
let origin: string;
/** Stays when its page is closed, as a person's browser does. */
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
  consumer = createConsumer();
  const script = await bundle(consumer, ENTRY, "browser");
  site = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" });
    const head = '<!doctype html><link rel="icon" href="data:," />';
    response.end(isScript ? script : `${head}<script type="module" src="/script.js"></script>`);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
  consumer.remove();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(origin);
});
afterEach(() => context.close());

async function waitFor<T>(look: () => T | Promise<T>, isThere: (value: T) => boolean): Promise<T> {
  for (let i = 0; i < 200; i++) {
    const value = await look();
    if (isThere(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return look();
}

describe("Langfuse on another origin", () => {
  let api: LangfuseApi;

  beforeEach(async () => {
    api = await createLangfuseApi({ keys });
  });
  afterEach(() => api.close());

  const createIn = (baseUrl: string): Promise<void> =>
    page.evaluate(
      (options) => {
        const globals = globalThis as unknown as PageGlobals;
        globals.client = globals.createClient(options);
      },
      { baseUrl, publicKey: keys.publicKey },
    );

  test("takes a score from the public key alone, once however often it is sent", async () => {
    await createIn(api.url);
    const result = await page.evaluate(async (target) => {
      const { client } = globalThis as unknown as PageGlobals;
      client.score({ id: "feedback-1", name: "helpful", value: true, traceId: target });
      const first = await client.flush();
      client.score({ id: "feedback-1", name: "helpful", value: false, traceId: target, comment: "changed" });
      return [first, await client.flush()];
    }, traceId);
    expect(result).toEqual([1, 1].map((sent) => ({ sent, failed: 0, dropped: 0, pending: 0 })));
    expect([...api.data.scores.values()]).toMatchObject([{ id: "feedback-1", value: 0, comment: "changed", traceId }]);
    const posts = api.requests.filter(({ method }) => method === "POST");
    expect(posts.map(({ headers }) => headers["authorization"])).toEqual(["Bearer pk-lf-1", "Bearer pk-lf-1"]);
  });

  test.each([
    ["goes to another page", (leaving: Page) => leaving.goto("about:blank")],
    ["is closed", (leaving: Page) => leaving.close({ runBeforeUnload: true })],
  ])("gets what was scored in the moment the page %s", async (_, leave) => {
    await createIn(api.url);
    await page.evaluate((target) => {
      const { client } = globalThis as unknown as PageGlobals;
      // The last moment there is, later than any timer of the client's.
      (globalThis as unknown as EventTarget).addEventListener("beforeunload", () => {
        for (let i = 0; i < 3; i++) client.score({ name: `leaving-${i}`, value: 1, traceId: target });
      });
    }, traceId);
    // Chromium runs `beforeunload` only on pages that somebody has touched.
    await page.mouse.click(10, 10);
    await leave(page);
    await waitFor(
      () => api.data.scores.size,
      (size) => size === 3,
    );
    expect(new Set([...api.data.scores.values()].map(({ name }) => name))).toEqual(
      new Set(["leaving-0", "leaving-1", "leaving-2"]),
    );
  });
});

test("a secret key is refused in a page, by the client and by init", async () => {
  const messages = await page.evaluate(
    (options) => {
      const { createClient, init } = globalThis as unknown as PageGlobals;
      return [createClient, init].map((make) => {
        try {
          return String(make(options));
        } catch (error) {
          return String(error);
        }
      });
    },
    { baseUrl: origin, ...keys },
  );
  expect(messages).toHaveLength(2);
  for (const message of messages)
    expect(message).toMatch(/SpanwiseConfigError: secretKey must not be used in a browser/);
});

test("a Spanwise server on another origin takes a page's score", async () => {
  const args = ["node_modules/spanwise/bin/spanwise.mjs", "--port", "0", "--db", `${consumer.folder}/scores.db`];
  const server: Running = start(args, { cwd: consumer.folder });
  try {
    const [url] = await server.waitFor(/http:\/\/[\w.]+:\d+/);
    const result = await page.evaluate(
      async ({ baseUrl, target }) => {
        const { createClient } = globalThis as unknown as PageGlobals;
        const client = createClient({ baseUrl, publicKey: "pk" });
        client.score({ name: "helpful", value: true, traceId: target });
        return client.flush();
      },
      { baseUrl: url, target: traceId },
    );
    expect(result).toEqual({ sent: 1, failed: 0, dropped: 0, pending: 0 });
  } finally {
    server.child.kill("SIGINT");
    await server.finished();
  }
});
