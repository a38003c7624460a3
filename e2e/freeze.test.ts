import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createConsumer, type Consumer } from "./support/consumer.ts";
import { start, type Running } from "./support/run.ts";

/** A process that is stopped and goes on, as a function between two invocations. */

let consumer: Consumer;
let sink: Sink;
let app: Running;

const PROGRAM = `
import { init, startObservation, flush, getTracer } from "@spanwise/core";
init({ timeoutMs: 5_000, logLevel: "silent" });
process.stdin.setEncoding("utf8");
for await (const line of process.stdin) {
  for (const name of line.trim().split("\\n")) {
    if (name === "flush") console.log("FLUSHED " + JSON.stringify(await flush()));
    else startObservation(name).end();
  }
}
`;

beforeAll(() => {
  consumer = createConsumer(["core"]);
});
afterAll(() => consumer.remove());
beforeEach(async () => {
  sink = await createSink();
  const file = consumer.write("invoked.mjs", PROGRAM);
  app = start([file], { env: { SPANWISE_BASE_URL: sink.url, SPANWISE_FLUSH_INTERVAL: "100" }, stdin: "pipe" });
});
afterEach(async () => {
  app.child.kill("SIGKILL");
  await app.finished();
  await sink.close();
});

const tell = (line: string): void => void app.child.stdin!.write(`${line}\n`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const names = (): string[] => sink.spans().map(({ name }) => name);

test("a connection that died meanwhile costs nothing: what comes next is sent at once", async () => {
  tell("before");
  tell("flush");
  await app.waitFor(/FLUSHED .*"sent":1/);
  const { port } = sink;
  app.child.kill("SIGSTOP");
  await sink.close();
  sink = await createSink({ port });
  await pause(300);
  app.child.kill("SIGCONT");
  tell("after");
  tell("flush");
  await app.waitFor(/FLUSHED .*\n(.*\n)*FLUSHED .*"sent":1,"failed":0,"dropped":0,"pending":0/);
  expect(names()).toEqual(["after"]);
});

test("a timer that could not fire fires after", async () => {
  tell("work");
  await pause(20);
  app.child.kill("SIGSTOP");
  await pause(500);
  const before = names();
  app.child.kill("SIGCONT");
  await sink.waitFor(() => names().includes("work"));
  expect(before.length).toBeLessThanOrEqual(1);
});

test("a request that was cut off is sent again", async () => {
  sink.script([{ hang: "read", times: 1 }]);
  tell("work");
  await sink.waitFor(() => sink.requests.length === 1);
  const { port } = sink;
  app.child.kill("SIGSTOP");
  await sink.close();
  sink = await createSink({ port });
  await pause(300);
  app.child.kill("SIGCONT");
  tell("flush");
  await app.waitFor(/FLUSHED .*"pending":0/);
  expect(names()).toEqual(["work"]);
});
