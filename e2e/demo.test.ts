import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkTrace, PROGRAMS } from "../scripts/lib/check-trace.mjs";
import { copyExample, createConsumer, root, type Consumer } from "./support/consumer.ts";
import { start, type Running } from "./support/run.ts";

test("npm run demo -- --once runs the example and finds the traces of its programs whole", async () => {
  const db = join(mkdtempSync(join(tmpdir(), "spanwise-demo-")), "new folder", "demo.db");
  const { code, output } = await start([join(root, "scripts/demo.mjs"), "--once", "--db", db]).finished();
  expect(output.match(/Stored whole: \d+ observations/g)).toHaveLength(PROGRAMS.length);
  expect(output.match(/The trace: http:\/\/localhost:\d+\/t\/[0-9a-f]{32}/g)).toHaveLength(PROGRAMS.length);
  expect(code).toBe(0);
});

test("npm run demo stays up until Ctrl-C and then ends cleanly", async () => {
  const db = join(mkdtempSync(join(tmpdir(), "spanwise-demo-")), "demo.db");
  const demo = start([join(root, "scripts/demo.mjs"), "--db", db]);
  const [, url] = await demo.waitFor(/The trace: (http:\S+)/);
  await demo.waitFor(/stays up/);
  const page = await fetch(url!, { headers: { accept: "text/html" } });
  expect(page.status).toBe(200);
  demo.child.kill("SIGINT");
  expect((await demo.finished()).code).toBe(0);
  await expect(fetch(url!)).rejects.toThrow();
});

describe("from packed tarballs", () => {
  let consumer: Consumer;
  let model: ModelServer;
  let server: Running;
  let serverUrl: string;

  beforeAll(async () => {
    consumer = createConsumer(["core", "openai", "langchain", "llamaindex", "server"]);
    copyExample(consumer);
    model = await createModelServer({ delayMs: 30 });
    const cli = join(consumer.folder, "node_modules/spanwise/bin/spanwise.mjs");
    server = start([cli, "--json", "--port", "0", "--db", join(consumer.folder, "traces.db")]);
    const [line] = await server.waitFor(/^\{.*\}$/m);
    serverUrl = (JSON.parse(line) as { url: string }).url;
  });

  afterAll(async () => {
    server.child.kill("SIGTERM");
    expect((await server.finished()).code).toBe(0);
    await model.close();
    consumer.remove();
  });

  const files = PROGRAMS.flatMap((program) => ["mjs", "cjs"].map((format) => [program, format] as const));
  test.each(files)("%s of the example as %s leaves a whole trace", async (program, format) => {
    const env = {
      OPENAI_API_KEY: "local-stand-in",
      OPENAI_BASE_URL: model.url,
      SPANWISE_BASE_URL: serverUrl,
      DOCS_DIR: join(root, "docs"),
    };
    const { code, output } = await start([join(consumer.folder, "agent", `${program}.${format}`)], {
      cwd: consumer.folder,
      env,
    }).finished();
    expect({ code, output }).toMatchObject({ code: 0 });
    const traceId = /\/t\/([0-9a-f]{32})/.exec(output)![1]!;
    expect(await checkTrace(serverUrl, traceId, program)).toMatch(/^Stored whole/);
  });

  test("the viewer is in the package", async () => {
    const page = await fetch(`${serverUrl}/`, { headers: { accept: "text/html" } });
    const html = await page.text();
    const [, script] = /<script[^>]+src="([^"]+\.js)"/.exec(html)!;
    const asset = await fetch(new URL(script!, serverUrl));
    expect(asset.status).toBe(200);
    expect(asset.headers.get("content-type")).toContain("javascript");
  });
});
