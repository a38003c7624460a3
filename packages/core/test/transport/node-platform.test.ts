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
  const send = () => platform.send({ method: "POST", url, headers: {}, body: [], signal: AbortSignal.timeout(2_000) });
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
