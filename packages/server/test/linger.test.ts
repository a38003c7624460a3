import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Lingering } from "../src/http/linger.ts";

const REFUSED = "HTTP/1.1 413";

let lingering: Lingering;
let server: Server;
let port: number;

beforeEach(async () => {
  // Sockets are real; only the clock that cuts them is not.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  lingering = new Lingering();
  server = createServer((incoming, answer) => {
    lingering.watch(incoming, answer);
    // Begins to read, as a handler does that finds the body too large.
    if (incoming.method === "POST") incoming.once("data", () => incoming.pause());
    answer.writeHead(incoming.method === "POST" ? 413 : 200).end("answer");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

async function ask(agent: Agent, method: string, body = ""): Promise<void> {
  const call = request({ host: "127.0.0.1", port, agent, method, headers: { "content-length": body.length } });
  call.end(body);
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  answer.resume();
  await once(answer, "end");
}

it("leaves a connection alone whose requests were whole", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set();
  server.on("connection", (socket) => sockets.add(socket));
  for (const body of ["", "a whole body that is read in part"]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other on one connection
    await ask(agent, body === "" ? "GET" : "POST", body);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await vi.advanceTimersByTimeAsync(60_000);
  }
  await ask(agent, "GET");
  expect([sockets.size, lingering.cut]).toEqual([1, 0]);
  agent.destroy();
});

it("cuts a sender that goes on for more than 64 MiB", async () => {
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise((resolve) => void socket.on("error", () => {}).once("close", resolve));
  socket.resume();
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${100 * 1024 * 1024}\r\n\r\n`);
  socket.write(Buffer.alloc(66 * 1024 * 1024));
  await closed;
  expect(lingering.cut).toBe(1);
});

it("cuts a sender that is not done half a minute after its answer, and counts it", async () => {
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise((resolve) => void socket.on("error", () => {}).once("close", resolve));
  const received = once(socket, "data");
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin");
  expect(String((await received)[0])).toContain(REFUSED);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(lingering.cut).toBe(0);
  await vi.advanceTimersByTimeAsync(2000);
  await closed;
  expect(lingering.cut).toBe(1);
});
