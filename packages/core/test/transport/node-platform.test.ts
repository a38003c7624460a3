import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { platform } from "../../src/platform/node.ts";

test("a connection that the server had closed is replaced at once", async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    let requests = 0;
    socket.on("error", () => {});
    socket.on("data", () => {
      if (++requests > 1) socket.resetAndDestroy();
      else socket.write("HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const send = () => platform.send({ method: "POST", url, headers: {}, body: [], signal: AbortSignal.timeout(10_000) });
  expect((await send()).status).toBe(200);
  await new Promise((resolve) => setImmediate(resolve));
  expect((await send()).status).toBe(200);
  expect(connections).toBe(2);
  server.close();
});

test("the end of the process is told again after it caused work, and not forever", async () => {
  let calls = 0;
  const undo = platform.onIdleExit(async () => void calls++);
  const own = process.listeners("beforeExit").at(-1)!;
  own(0);
  await Promise.resolve();
  expect(calls).toBe(1);
  for (let i = 0; i < 20; i++) own(0);
  await Promise.resolve();
  expect(calls).toBeGreaterThan(1);
  expect(calls).toBeLessThan(10);
  undo();
  expect(process.listeners("beforeExit")).not.toContain(own);
});

test("what is compressed comes back whole, whatever the last body made of the size of the chunks", async () => {
  const text = Buffer.from("a sentence that is found again. ".repeat(20_000));
  const bodies = [text, randomBytes(300_000), text, Buffer.from("{}"), randomBytes(50_000), text];
  for (const body of bodies) {
    const parts = [body.subarray(0, 1), body.subarray(1, body.length >> 1), body.subarray(body.length >> 1)];
    const zipped = (await platform.gzip(parts))!;
    expect(Buffer.from(await platform.gunzip(zipped)).equals(body)).toBe(true);
    // A body that waits must not hold much more than its own bytes; small ones share a buffer of Node's, which is `poolSize` and a little more.
    const shared = Buffer.allocUnsafe(1).buffer.byteLength;
    expect(zipped.buffer.byteLength).toBeLessThanOrEqual(Math.max(shared, zipped.byteLength * 1.25));
  }
});
