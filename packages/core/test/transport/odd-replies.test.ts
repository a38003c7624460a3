import { createServer, type AddressInfo, type Server } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { createTracer, spanwise } from "../../src/index.ts";

let server: Server;
afterEach(() => void server.close());

/** Answers each request with these bytes. Resolves with the URL. */
async function answering(reply: string | Buffer): Promise<string> {
  server = createServer((socket) => {
    socket.on("error", () => {});
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const [head, body = ""] = received.split("\r\n\r\n", 2);
      if (body.length >= Number(/content-length: (\d+)/i.exec(head!)?.[1])) socket.end(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function sendTo(url: string): Promise<{ sent: number; rejected: number; lastError: string | undefined }> {
  const tracer = createTracer({ exporters: [spanwise({ baseUrl: url })], logLevel: "silent" });
  for (let i = 0; i < 4; i++) tracer.startObservation("span", {}, { parent: null }).end();
  await tracer.flush({ timeoutMs: 500 });
  const { sent, dropped, lastError } = tracer.stats();
  await tracer.shutdown({ timeoutMs: 50 });
  return { sent, rejected: dropped.rejected ?? 0, lastError };
}

const zipped = (status: string, text: string | Buffer): Buffer => {
  const body = typeof text === "string" ? gzipSync(text) : text;
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}`;
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
};

test("a partial success that comes compressed is counted", async () => {
  const url = await answering(zipped("200 OK", '{"partialSuccess":{"rejectedSpans":2}}'));
  expect(await sendTo(url)).toMatchObject({ sent: 2, rejected: 2 });
});

test("a compressed error can be read", async () => {
  const { rejected, lastError } = await sendTo(
    await answering(zipped("404 Not Found", '{"message":"no such project"}')),
  );
  expect(rejected).toBe(4);
  expect(lastError).toContain("no such project");
});

test.each([
  ["is not", Buffer.from("plain")],
  ["is far larger than it looks", gzipSync(Buffer.alloc(16 * 1024 * 1024))],
])("what says that it is compressed and %s is no answer to read", async (_, body) => {
  expect(await sendTo(await answering(zipped("200 OK", body)))).toEqual({ sent: 4, rejected: 0, lastError: undefined });
});

test("101 is an error at once", async () => {
  const url = await answering("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n");
  expect((await sendTo(url)).lastError).toContain("another protocol");
});
