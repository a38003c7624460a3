import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { useCli } from "./cli-process.ts";
import { exportOf, span, toProtobuf } from "./otlp-messages.ts";

const { folder, startReady } = useCli();

const SENDERS = 8;
const SPANS = 20;
/** After 5 s connections are cut, and what was accepted is committed: a bound and no claim. */
const MAX_END_MS = 15_000;
const traceOf = (number: number): string => number.toString(16).padStart(32, "0");

it.each(["json", "protobuf"])(
  "ends with 0 on SIGTERM while %s is sent, and has the whole of all that it acknowledged",
  async (encoding) => {
    const db = join(folder, `${encoding}.db`);
    const { child, ready } = await startReady(["serve", "--port", "0", "--db", db]);
    const exited = once(child, "exit");
    const acknowledged: number[] = [];
    const refused: number[] = [];
    let next = 0;
    const send = async (number: number): Promise<void> => {
      const text = `question ${number} `.repeat(20);
      const spans = Array.from({ length: SPANS }, (_, index) =>
        span(index + 1, { "langfuse.observation.input": `${text}${index}` }, { traceId: traceOf(number) }),
      );
      const isJson = encoding === "json";
      const answer = await fetch(`${ready.url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": isJson ? "application/json" : "application/x-protobuf" },
        body: isJson ? JSON.stringify(exportOf(spans)) : new Uint8Array(toProtobuf(exportOf(spans))),
      });
      if (answer.status === 200) acknowledged.push(number);
      await answer.arrayBuffer();
    };
    const senders = Array.from({ length: SENDERS }, async () => {
      while (refused.length === 0) {
        const number = ++next;
        // oxlint-disable-next-line no-await-in-loop -- one after the other, as an exporter does
        await send(number).catch(() => refused.push(number));
      }
    });
    // One that begins to send and never ends holds nobody up for longer than the others may go on.
    const silent = request(`${ready.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": "1000" },
    });
    silent.on("error", () => {});
    silent.write("{");
    await expect.poll(() => acknowledged.length).toBeGreaterThan(50);
    const before = Date.now();
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect(Date.now() - before).toBeLessThan(MAX_END_MS);
    await Promise.all(senders);
    silent.destroy();

    const store = await openSqliteStore({ path: db });
    expect(await store.checkIntegrity()).toEqual([]);
    const known = new Set(acknowledged);
    for (let number = 1; number <= next; number++) {
      const rows = await store.readRows("default", traceOf(number));
      // What was not acknowledged is there as a whole, or not at all.
      if (known.has(number) || rows.length > 0) expect([number, rows.length]).toEqual([number, SPANS]);
      for (const { payload } of rows) expect(payload.input).toContain(`question ${number} `);
    }
    await store.close();
  },
);
