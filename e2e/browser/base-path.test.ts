import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createTracer, type Tracer } from "@spanwise/core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, watchProblems } from "../support/browser.ts";
import { root } from "../support/consumer.ts";
import { type Running, start } from "../support/run.ts";

const BASE = "/spanwise";

let browser: Browser;
let server: Running;
let target: string;
let proxy: Server;
let origin: string;
let tracer: Tracer;

/** As nginx does with `location /spanwise/ { proxy_pass http://…/; }`: the path is taken away, and what is beside it is another site's. */
function takingAway(): Server {
  return createServer((incoming, response) => {
    const { url = "", method, headers } = incoming;
    if (!url.startsWith(`${BASE}/`)) {
      response.writeHead(404).end("another site");
      return;
    }
    const passed = request(target + url.slice(BASE.length), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    incoming.pipe(passed);
  });
}

beforeAll(async () => {
  browser = await launchBrowser();
  const bin = `${root}/packages/server/bin/spanwise.mjs`;
  server = start([bin, "--port", "0", "--db", ":memory:", "--no-open"], { env: { SPANWISE_BASE_PATH: BASE } });
  [target] = await server.waitFor(/http:\/\/[^\s/]+/);
  proxy = takingAway();
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${BASE}`;
  tracer = createTracer({ baseUrl: origin, logLevel: "error" });
});
afterAll(async () => {
  await browser.close();
  await tracer.shutdown({ timeoutMs: 1_000 });
  proxy.closeAllConnections();
  proxy.close();
  server.child.kill("SIGKILL");
  await server.finished();
});

test("the viewer works under a path of a reverse proxy: pages, payloads, live changes, links", async () => {
  const page = await browser.newPage();
  const problems = watchProblems(page);
  await page.goto(`${origin}/`);
  // The address to send traces to is the proxy's, path included.
  await page.getByText(`SPANWISE_BASE_URL=${origin}`).first().waitFor();
  tracer.startObservation("first", { input: "hello from below a path" }).end();
  await tracer.flush();
  await page.getByRole("row", { name: /first/ }).waitFor();
  tracer.startObservation("second").end();
  await tracer.flush();
  await page.getByRole("row", { name: /second/ }).waitFor();
  await page.getByRole("link", { name: "first" }).click();
  await page.getByRole("treeitem", { name: /first/ }).waitFor();
  await page.getByRole("tabpanel").getByText("hello from below a path").waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/spanwise\/p\/default\/traces\/[0-9a-f]{32}$/);
  await page.reload();
  await page.getByRole("tabpanel").getByText("hello from below a path").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await page.waitForURL(/\/spanwise\/p\/default\/users$/);
  await page.goBack();
  await page.getByRole("treeitem", { name: /first/ }).waitFor();
  expect(problems).toEqual([]);
});

test("a page names its files under the path, for proxies that pass it on as well", async () => {
  for (const address of [`${target}${BASE}`, `${target}${BASE}/p/default/traces/1`, `${origin}/p/default/traces/1`]) {
    const page = await (await fetch(address, { headers: { accept: "text/html" } })).text();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      expect(file).toMatch(/^\/spanwise\//);
      expect((await fetch(new URL(file, address))).status, file).toBe(200);
    }
  }
});
