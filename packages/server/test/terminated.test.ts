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

const inputOf = (number: number, index: number): string => `${`question ${number} `.repeat(20)}${index}`;

function bodyOf(
  encoding: "json" | "protobuf" | "langfuse",
  number: number,
): { path: string; type: string; body: string | Uint8Array<ArrayBuffer> } {
  const indices = Array.from({ length: SPANS }, (_, index) => index);
  if (encoding === "langfuse") {
    const batch = indices.map((index) => ({
      id: `${number}.${index}`,
      type: "span-create",
      timestamp: new Date().toISOString(),
      body: { id: `span ${index}`, traceId: traceOf(number), name: "n", input: inputOf(number, index) },
    }));
    return { path: "/api/public/ingestion", type: "application/json", body: JSON.stringify({ batch }) };
  }
  const traceId = traceOf(number);
  const spans = indices.map((index) =>
    span(index + 1, { "langfuse.observation.input": inputOf(number, index) }, { traceId }),
  );
  const path = "/v1/traces";
  if (encoding === "json") return { path, type: "application/json", body: JSON.stringify(exportOf(spans)) };
  return { path, type: "application/x-protobuf", body: new Uint8Array(toProtobuf(exportOf(spans))) };
}

it.each(["json", "protobuf", "langfuse"] as const)(
  "ends with 0 on SIGTERM while %s is sent, and has the whole of all that it acknowledged",
  async (encoding) => {
    const db = join(folder, `${encoding}.db`);
    const { child, ready } = await startReady(["serve", "--port", "0", "--db", db]);
    const exited = once(child, "exit");
    const acknowledged: number[] = [];
    const refused: number[] = [];
    let next = 0;
    const send = async (number: number): Promise<void> => {
      const { path, type, body } = bodyOf(encoding, number);
      const answer = await fetch(ready.url + path, { method: "POST", headers: { "content-type": type }, body });
      // A batch is answered with what became of each event.
      const text = await answer.text();
      if (answer.status === 200 || (answer.status === 207 && text.includes('"errors":[]'))) acknowledged.push(number);
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
