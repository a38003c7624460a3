/**
 * A backend in a process of its own that answers at once and keeps every body, to be looked at when the run is over.
 * Forked by `support/process.mjs`; takes `{ mode }` and `{ report }` over IPC.
 */
import { createServer } from "node:http";
import { createTally } from "./tally.mjs";
import { answerFor } from "./sink-answers.mjs";

/** Milliseconds that one request takes when the sink is slow. */
const SLOW_MS = 2000;

const tally = createTally();
let mode = "ok";
let requests = 0;
let refused = 0;
let inFlight = 0;
let mostInFlight = 0;
let port = 0;

const server = createServer((request, response) => {
  requests++;
  inFlight++;
  mostInFlight = Math.max(mostInFlight, inFlight);
  response.on("close", () => inFlight--);
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    if (mode === "slow") setTimeout(() => accept(request, response, body), SLOW_MS).unref();
    else if (mode === "500" || mode === "429") refuse(response);
    else accept(request, response, body);
  });
});

function accept(request, response, body) {
  const { status, headers, content } = answerFor(request, body, `http://127.0.0.1:${port}`);
  tally.add(body, request.headers["content-encoding"]);
  response.writeHead(status, headers).end(content);
}

function refuse(response) {
  refused++;
  response.writeHead(Number(mode), mode === "429" ? { "retry-after": "1" } : {}).end();
}

/** Nobody listens, and connections that are open break: what a restarting backend looks like. */
async function enter(next) {
  const wasListening = server.listening;
  mode = next;
  if (next === "refuse" && wasListening) {
    server.close();
    server.closeAllConnections();
  }
  if (next !== "refuse" && !wasListening) await listen();
}

function listen() {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

async function answer(message) {
  if (message.mode) await enter(message.mode);
  const report = message.report ? { ...tally.report(), requests, refused, mostInFlight } : {};
  process.send({ id: message.id, ...report });
}

process.on("message", (message) => void answer(message));
process.on("disconnect", () => process.exit());

// A connection that waits between two bursts must not be closed under the client.
server.keepAliveTimeout = 120_000;
await listen();
port = server.address().port;
process.send({ port });
