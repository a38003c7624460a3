/**
 * A process of its own that reads one long stream and prints, as JSON, how much the heap had grown by its end. Arguments: the
 * file URL of a major's module, `raw` or `observed`, the number of chunks. Run with `--expose-gc`.
 */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createTracer, memory } from "@spanwise/core";
import type * as openai from "openai";
import { observeOpenAI } from "../../src/index.ts";

const [moduleUrl = "", kind = "raw", count = "0"] = process.argv.slice(2);
const chunks = Number(count);
/** By now what a first stream allocates once is there. */
const WARM = 1_000;

const http = createServer((_request, response) => {
  void (async () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let n = 0; n < chunks; n += 1) {
      const choice = { index: 0, delta: n === 0 ? { role: "assistant", content: "" } : { content: "x" } };
      const text = JSON.stringify({
        id: "c",
        object: "chat.completion.chunk",
        created: 1,
        model: "m",
        choices: [choice],
      });
      if (!response.write(`data: ${text}\n\n`)) await once(response, "drain");
    }
    const last = { index: 0, delta: {}, finish_reason: "stop" };
    response.end(`data: ${JSON.stringify({ id: "c", choices: [last] })}\n\ndata: [DONE]\n\n`);
  })();
});
http.listen(0, "127.0.0.1");
await once(http, "listening");

const { OpenAI } = (await import(moduleUrl)) as typeof openai;
const exporter = memory();
const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
const raw = new OpenAI({ apiKey: "k", baseURL: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1` });
const client = kind === "observed" ? observeOpenAI(raw, { tracer }) : raw;

const heap = (): number => {
  (globalThis as unknown as { gc(): void }).gc();
  return process.memoryUsage().heapUsed;
};
const stream = await client.chat.completions.create({ model: "m", messages: [], stream: true });
let read = 0;
let before = 0;
let after = 0;
for await (const chunk of stream) {
  read += 1;
  if (read === WARM) before = heap();
  // Still under way: the accumulator holds all that has come.
  if (read === chunks) after = heap();
  void chunk;
}
await tracer.flush();
const [record] = exporter.observations;
const { content = "" } = JSON.parse(record?.output ?? "{}") as { content?: string };
process.stdout.write(JSON.stringify({ grown: after - before, read, recorded: content.length }));
http.closeAllConnections();
http.close();
