import { copyFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createSink, type Sink } from "@spanwise/testing";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { checkSink, COMPLETE } from "../runtimes/check.ts";
import { launchBrowser, watchProblems } from "../support/browser.ts";
import { bundle } from "../support/bundle.ts";
import { createConsumer, root, type Consumer } from "../support/consumer.ts";

const PAGE = '<!doctype html><link rel="icon" href="data:," /><script type="module" src="/script.js"></script>';

let browser: Browser;
let consumer: Consumer;
let sink: Sink;
let site: Server;
let origin: string;

beforeAll(async () => {
  browser = await launchBrowser();
  consumer = createConsumer(["core"]);
  copyFileSync(join(root, "e2e/runtimes/program.mjs"), join(consumer.folder, "program.mjs"));
});
afterAll(async () => {
  await browser.close();
  consumer.remove();
});
beforeEach(async () => {
  sink = await createSink();
  const script = await bundle(
    consumer,
    'import { program } from "./program.mjs"; globalThis.program = program;',
    "browser",
  );
  // Page and backend are of one origin, as behind an application's own proxy: this server passes on what is posted.
  site = createServer((incoming, response) => {
    if (incoming.method === "POST") {
      const { url, method, headers } = incoming;
      const passed = request(`${sink.url}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(passed);
      return;
    }
    const isScript = incoming.url === "/script.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" });
    response.end(isScript ? script : PAGE);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterEach(async () => {
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
  await sink.close();
});

test("a page runs the program, where context ends at an await", async () => {
  const page = await browser.newPage();
  const problems = watchProblems(page);
  await page.goto(origin);
  const answer = await page.evaluate(async (url) => {
    const { program } = globalThis as unknown as { program: (url: string) => Promise<unknown> };
    return program(url);
  }, origin);
  expect(answer).toEqual({ ...COMPLETE, keepsContext: false });
  checkSink(sink);
  expect(problems).toEqual([]);
  await page.close();
});
