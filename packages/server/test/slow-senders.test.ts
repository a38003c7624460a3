import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BODY_GRACE_MS, LEAST_BYTES_PER_SECOND, SlowSenders } from "../src/http/slow-senders.ts";

let slow: SlowSenders;
let server: Server;

beforeEach(async () => {
  // Sockets are real; only the clock that looks at them is not.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  server = createServer((incoming, answer) => {
    incoming.resume().on("end", () => answer.end("whole"));
  });
  slow = new SlowSenders(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

/** `vi.waitFor` would move the clock. */
async function until(holds: () => boolean): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- it waits
  while (!holds()) await new Promise(setImmediate);
}

/** A connection with what it received; `sent` resolves when the server has it. */
function open(): {
  socket: Socket;
  received: () => string;
  closed: Promise<unknown>;
  send: (text: string) => Promise<void>;
} {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const arrived = once(server, "connection") as Promise<[Socket]>;
  let received = "";
  let bytes = 0;
  const closed = new Promise((resolve) => void socket.on("error", () => {}).once("close", resolve));
  socket.on("data", (data) => (received += data.toString()));
  return {
    socket,
    closed,
    received: () => received,
    async send(text) {
      const [peer] = await arrived;
      socket.write(text);
      bytes += text.length;
      await until(() => peer.bytesRead === bytes);
    },
  };
}

const head = (length: number): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

it("closes a connection on which a body dribbles, with 408, and counts it", async () => {
  const { send, closed, received } = open();
  await send(head(1000));
  for (let second = 0; second < BODY_GRACE_MS / 1000; second += 1) {
    await send("x");
    vi.advanceTimersByTime(1000);
  }
  expect([slow.cut, received()]).toEqual([0, ""]);
  await send("x");
  vi.advanceTimersByTime(2000);
  await closed;
  expect(received()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(slow.cut).toBe(1);
});

it("leaves one alone that is slow enough for a modem, and the next request on its connection", async () => {
  const { socket, send, received } = open();
  const seconds = 60;
  await send(head(LEAST_BYTES_PER_SECOND * seconds));
  for (let second = 0; second < seconds; second += 1) {
    await send("x".repeat(LEAST_BYTES_PER_SECOND));
    vi.advanceTimersByTime(1000);
  }
  await until(() => received().includes("whole"));
  vi.advanceTimersByTime(600_000);
  await send(`${head(2)}ok`);
  await until(() => received().match(/whole/g)?.length === 2);
  expect(slow.cut).toBe(0);
  socket.destroy();
});

it("does not judge by one look: what came while the server was busy is read after it", async () => {
  const { socket, send, received } = open();
  const bytes = LEAST_BYTES_PER_SECOND * 100;
  await send(head(bytes));
  vi.advanceTimersByTime(BODY_GRACE_MS + 1000);
  await send("x".repeat(bytes));
  vi.advanceTimersByTime(5000);
  await until(() => received().includes("whole"));
  expect(slow.cut).toBe(0);
  socket.destroy();
});

it.each([
  ["what is no HTTP", "hello\r\n\r\n", 400],
  ["a head without end", `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`, 431],
])("answers %s as Node does", async (_, text, status) => {
  const { socket, closed, received } = open();
  socket.write(text);
  await closed;
  expect(received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(slow.cut).toBe(0);
});
