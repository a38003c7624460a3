import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleCore, type Bundle } from "../support/bundle.ts";
import { run } from "../support/program.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleCore();
}, 60_000);
afterAll(() => bundle.remove());

/** 96 MB hold the program and some 10 000 open observations; a million of them would take over 400 MB. */
const HEAP_MB = 96;

test("a million handles that are never ended are exported as incomplete from a heap that stays flat", async () => {
  // A million decoded spans would be the test's own time and memory.
  const server = createServer((request, response) => void request.resume().on("end", () => response.end()));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const program = run(
    bundle,
    `
    init({ baseUrl: "http://127.0.0.1:${port}", live: false, logLevel: "error" });
    let last;
    for (let i = 0; i < 1_000_000; i++) {
      last = startObservation("never ended", { input: i }, { parent: null });
      // As an application that waits for its model now and then: what is recorded in one turn is bounded by maxQueueBytes.
      if (i % 2_000 === 0) await new Promise(setImmediate);
      if (i % 20_000 === 0) await flush();
    }
    await flush();
    const { started, open, queued, sent, dropped, evicted } = getTracer().stats();
    gc();
    const heapMb = process.memoryUsage().heapUsed / 2 ** 20;
    console.log(JSON.stringify({ started, open, sum: open + queued + sent, dropped, evicted, heapMb }));
    process.exit();`,
    {},
    [`--max-old-space-size=${HEAP_MB}`, "--expose-gc"],
  );
  const code = await program.ended;
  server.closeAllConnections();
  server.close();
  expect(code, program.output().slice(-2_000)).toBe(0);
  const seen = JSON.parse(program.output().trim().split("\n").at(-1)!) as Record<string, number>;
  expect(seen).toMatchObject({ started: 1_000_000, sum: 1_000_000, dropped: {} });
  expect(seen.open).toBeLessThanOrEqual(10_000);
  expect(seen.evicted).toBeGreaterThanOrEqual(990_000);
  expect(seen.heapMb).toBeLessThan(40);
}, 180_000);
