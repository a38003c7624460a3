import fc from "fast-check";
import { expect, it } from "vitest";
import { HttpError } from "../../src/http/errors.ts";
import { Turns } from "../../src/http/turns.ts";
import { readBatchBody } from "../../src/ingest/langfuse/batch-body.ts";
import { mutated } from "./bodies.ts";

/** Before a body it changes nothing, but that it is a large one. */
const PADDING = Buffer.alloc(300 * 1024, " ");

async function read(body: Uint8Array): Promise<unknown> {
  try {
    return await readBatchBody(body, new Turns());
  } catch (error) {
    expect(error).toBeInstanceOf(HttpError);
    // Where it is wrong is counted from the beginning.
    return (error as HttpError).message.replace(/position \d+/, "position");
  }
}

async function expectSame(body: Uint8Array): Promise<void> {
  expect(await read(Buffer.concat([PADDING, body]))).toEqual(await read(body));
}

const BODIES = [
  {
    batch: [
      { id: "1", body: { input: '"]}{[\\' } },
      { id: "2", body: { nested: [[{}], [1, "x"], null] } },
    ],
  },
  { batch: [], metadata: { batch_size: 0 } },
  { batch: [{}, { é: "ü" }], metadata: { batch: [1] } },
  { metadata: { a: 1 }, batch: [{ id: "3" }] },
].map((body) => Buffer.from(JSON.stringify(body)));

it(
  "a batch read event by event is the one that is read as a whole, whatever bytes it has",
  { timeout: 60_000 },
  async () => {
    await fc.assert(fc.asyncProperty(mutated(BODIES), expectSame), { numRuns: 600 });
  },
);

it("the same holds for any JSON as the batch, and any beside it", { timeout: 60_000 }, async () => {
  const body = fc
    .tuple(fc.array(fc.jsonValue(), { maxLength: 4 }), fc.jsonValue())
    .map(([batch, metadata]) => Buffer.from(JSON.stringify({ batch, metadata }, undefined, batch.length)));
  await fc.assert(fc.asyncProperty(body, expectSame), { numRuns: 300 });
});

it("white space is JSON's own, wherever it stands", async () => {
  for (const space of [" ", "\t", "\n", "\r", "\f", "\v", "\u00A0", "\u2028"]) {
    const parts = ["", "{", '"batch"', ":", "[", '{"id":"1"}', ",", '{"id":"2"}', "]", "}", ""];
    for (let gap = 1; gap < parts.length; gap++) {
      // oxlint-disable-next-line no-await-in-loop -- few and small
      await expectSame(Buffer.from(parts.slice(0, gap).join("") + space + parts.slice(gap).join("")));
    }
  }
});
