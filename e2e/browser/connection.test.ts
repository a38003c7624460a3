import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTracer } from "@spanwise/core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { root } from "../support/consumer.ts";
import { type Running, start } from "../support/run.ts";

const KEYS = { publicKey: "pk-test", secretKey: "sk-test" };

let browser: Browser;
let folder: string;
let server: Running;

beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), "spanwise-connection-"));
});
afterAll(async () => {
  await browser.close();
  server.child.kill("SIGKILL");
  await server.finished();
  rmSync(folder, { recursive: true, force: true });
});

/** On the same file and port as before, as a restart is; with keys, so that a session ends with it. */
async function startServer(port: string): Promise<{ origin: string; loginUrl: string }> {
  const bin = join(root, "packages/server/bin/spanwise.mjs");
  server = start([bin, "--port", port, "--db", join(folder, "traces.db"), "--keys", "--no-open"], {
    env: { SPANWISE_PUBLIC_KEY: KEYS.publicKey, SPANWISE_SECRET_KEY: KEYS.secretKey },
  });
  const [loginUrl] = await server.waitFor(/http:\/\/\S+\/login\?token=\S+/);
  return { origin: new URL(loginUrl).origin, loginUrl };
}

async function stopServer(): Promise<void> {
  server.child.kill("SIGTERM");
  await server.finished();
}

const banner = (page: Page, text: string) => page.getByRole("status").filter({ hasText: text });

test("a page that is open says that the server is away and that one is logged out, keeps what it shows, and comes back", async () => {
  const { origin, loginUrl } = await startServer("0");
  const tracer = createTracer({ baseUrl: origin, ...KEYS, logLevel: "error" });
  const observation = tracer.startObservation("before the restart", { input: "hello" });
  observation.end();
  const { traceId } = observation;
  await tracer.shutdown();
  const page = await (await browser.newContext()).newPage();
  await page.goto(loginUrl);
  await page.goto(`${origin}/p/default/traces/${traceId}?tab=json`);
  const row = page.getByRole("treeitem", { name: /before the restart/ });
  await row.waitFor();
  const list = await page.context().newPage();
  await list.goto(`${origin}/p/default/traces`);
  await list.getByRole("row", { name: /before the restart/ }).waitFor();

  await stopServer();
  await banner(list, "The server does not answer.").waitFor();
  await list.getByRole("row", { name: /before the restart/ }).waitFor();

  const again = await startServer(new URL(origin).port);
  await banner(list, "You are logged out.").waitFor();
  await list.getByRole("row", { name: /before the restart/ }).waitFor();
  await list.reload();
  expect(new URL(list.url()).pathname).toBe("/login");

  // A page that had read all it needs learns of it with the next thing it asks for; its address is kept.
  await page.bringToFront();
  await page.reload();
  expect(new URL(page.url()).searchParams.get("next")).toBe(`/p/default/traces/${traceId}?tab=json`);
  await page.getByLabel("Public key").fill(KEYS.publicKey);
  await page.getByLabel("Secret key").fill(KEYS.secretKey);
  await page.getByRole("button", { name: "Log in" }).click();
  await row.waitFor();
  expect(page.url()).toBe(`${again.origin}/p/default/traces/${traceId}?tab=json`);
});
