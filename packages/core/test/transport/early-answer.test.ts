import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createTracer, spanwise } from "../../src/index.ts";

const VALUE_CHARS = 4_000_000;
const REQUEST = "POST /";
const LETTERS = ["a", "b", "c"] as const;

test("a backend that answers before it has read a batch still gets that batch, and not the next one's bytes", async () => {
  const connections: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const parts: Buffer[] = [];
    connections.push(parts);
    socket.on("error", () => {});
    socket.on("data", (part) => {
      parts.push(part);
      if (!part.includes(REQUEST)) return;
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      socket.pause();
      setTimeout(() => socket.resume(), 200);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const tracer = createTracer({
    exporters: [spanwise({ baseUrl: `http://127.0.0.1:${port}` })],
    live: false,
    // On a busy machine three such values take longer than the interval, and would come in two batches.
    flushInterval: 60_000,
    maxBatchBytes: 20_000_000,
    maxValueBytes: 8_000_000,
    logLevel: "silent",
  });
  for (const letter of LETTERS) {
    for (let i = 0; i < 3; i++) {
      tracer.startObservation("span", { input: letter.repeat(VALUE_CHARS) }, { parent: null }).end();
    }
    await tracer.flush({ timeoutMs: 2_000 });
  }
  // There too a batch may be read before the next one is sent, which then comes on the same connection.
  const readRuns = (): number[][] =>
    connections.flatMap((parts) => {
      const [, ...requests] = Buffer.concat(parts).toString("latin1").split(REQUEST);
      return requests.map((text) => LETTERS.map((letter) => text.split(letter.repeat(1000)).length - 1));
    });
  const whole = (3 * VALUE_CHARS) / 1000;
  let runs: number[][] = [];
  while (runs.flat().reduce((sum, count) => sum + count, 0) < LETTERS.length * whole) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    runs = readRuns();
  }
  expect(runs).toEqual([
    [whole, 0, 0],
    [0, whole, 0],
    [0, 0, whole],
  ]);
  await tracer.shutdown({ timeoutMs: 100 });
  for (const socket of sockets) socket.destroy();
  server.close();
}, 20_000);
