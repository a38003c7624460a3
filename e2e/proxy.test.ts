import { createSink, type Sink } from "@spanwise/testing";
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createConsumer, type Consumer } from "./support/consumer.ts";
import { start } from "./support/run.ts";

/** Where `http` sends requests through the proxy of the environment when told to: 22.21, 24.5 and newer. */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const knowsProxies = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);

let consumer: Consumer;
let script: string;
let sink: Sink;
let proxy: Server;
/** The URLs that the proxy was asked for, whole. */
let asked: (string | undefined)[];

beforeAll(() => {
  consumer = createConsumer(["core"]);
  script = consumer.write(
    "work.mjs",
    'import { init, startObservation } from "@spanwise/core"; init(); startObservation("work").end();',
  );
});
afterAll(() => consumer.remove());
beforeEach(async () => {
  sink = await createSink();
  asked = [];
  proxy = createServer((incoming, outgoing) => {
    const { url = "", method, headers } = incoming;
    asked.push(url);
    const { pathname } = new URL(url);
    const forwarded = request(new URL(pathname, sink.url), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
});
afterEach(async () => {
  proxy.close();
  await sink.close();
});

/** The script with the proxy in its environment; a server that only the proxy can reach, unless named. */
async function run({ flags = [], env = {} }: { flags?: string[]; env?: Record<string, string> }): Promise<void> {
  const HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const baseUrl = { SPANWISE_BASE_URL: "http://traces.example.test" };
  await start([...flags, script], { env: { HTTP_PROXY, ...baseUrl, ...env } }).finished();
}

describe.skipIf(!knowsProxies)("a Node that is told to use the environment's proxy", () => {
  test.each([
    ["by a variable", { env: { NODE_USE_ENV_PROXY: "1" } }],
    ["by a flag", { flags: ["--use-env-proxy"] }],
  ])("%s delivers through it", async (_, how) => {
    await run(how);
    expect(sink.spans().map(({ name }) => name)).toEqual(["work"]);
    expect(new Set(asked)).toEqual(new Set(["http://traces.example.test/v1/traces"]));
  });

  test("delivers straight to what NO_PROXY names", async () => {
    await run({ env: { NODE_USE_ENV_PROXY: "1", NO_PROXY: "127.0.0.1,localhost", SPANWISE_BASE_URL: sink.url } });
    expect(sink.spans().map(({ name }) => name)).toEqual(["work"]);
    expect(asked).toEqual([]);
  });
});

test("a proxy in the environment alone changes nothing", async () => {
  await run({ env: { SPANWISE_BASE_URL: sink.url } });
  expect(sink.spans().map(({ name }) => name)).toEqual(["work"]);
  expect(asked).toEqual([]);
});
