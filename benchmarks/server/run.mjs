/**
 * The server under load: takes generated runs in over HTTP from clients in other processes on the same machine, then answers queries, idle
 * and while more comes in. Writes docs/benchmarks-server.md. The server has to be built (`npm run bench:server` does it).
 *
 *   node benchmarks/server/run.mjs [--observations 1000000] [--clients 2] [--db file] [--dry]
 *
 * With --db the file is kept, and used again as it is when it is there.
 */
import * as fs from "node:fs";
import { tmpdir, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../support/machine.mjs";
import { writeDocsPage } from "../support/docs-page.mjs";
import { SPANS_PER_TRACE } from "./generate.mjs";
import { renderPage } from "./page.mjs";
import { runClients, startServer, threadsOf, usageOf } from "./process.mjs";
import { measureLive } from "./live.mjs";
import { measure, percentile, queriesOf, sendLargeTraces } from "./queries.mjs";

const { values: args } = parseArgs({
  options: {
    observations: { type: "string", default: "1000000" },
    clients: { type: "string", default: "2" },
    db: { type: "string" },
    rounds: { type: "string", default: "15" },
    live: { type: "string", default: "100" },
    starts: { type: "string", default: "5" },
    dry: { type: "boolean", default: false },
  },
});

const DAY_MS = 86_400_000;
const runs = Math.floor(Number(args.observations) / SPANS_PER_TRACE);
const clients = Number(args.clients);
// Spread over 29 days, so that a dashboard of 30 has all of it.
const step = (29 * DAY_MS) / runs;
const start = Date.UTC(2026, 9, 1);
const folder = fs.mkdtempSync(join(tmpdir(), "spanwise-bench-"));
const db = args.db ?? join(folder, "bench.db");
const isFilled = fs.existsSync(db);

const results = { machine: describeMachine(), observations: runs * SPANS_PER_TRACE, clients, loadBefore: loadavg()[0] };
let server = await startServer(db);
try {
  if (!isFilled) results.ingest = await fill();
  const ids = await sendLargeTraces(server.url, start + 15 * DAY_MS);
  await server.stop();
  results.fileBytes = fs.statSync(db).size;
  const starts = [];
  for (let round = 0; round < Number(args.starts); round++) {
    if (round > 0) await server.stop();
    server = await startServer(db);
    starts.push(server.startMs);
  }
  results.start = summarize(starts);
  const queries = queriesOf({ runs, start, step, ...ids });
  results.idle = await ask(queries);
  results.idleLive = summarize(await measureLive(server.url, Number(args.live)));
  const rate = (results.ingest?.perSecond ?? 6000) / 2;
  results.busy = await whileFilling(rate, runs + 1, () => ask(queries));
  const live = () => measureLive(server.url, Number(args.live)).then(summarize);
  results.busyLive = await whileFilling(rate, 2 * runs + 1, live);
} finally {
  await server.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
results.loadAfter = loadavg()[0];
const page = renderPage(results);
console.log(page);
if (!args.dry) writeDocsPage("benchmarks-server", page);

async function fill() {
  const before = usageOf(server.pid);
  const memory = [];
  const timer = setInterval(() => memory.push(usageOf(server.pid).rss), 1000);
  const began = performance.now();
  const sent = await runClients(server.url, { clients, firstRun: 0, runs, start, step, rate: 0 });
  const seconds = (performance.now() - began) / 1000;
  clearInterval(timer);
  const observations = sent.reduce((sum, client) => sum + client.observations, 0);
  const third = Math.max(1, Math.floor(memory.length / 3));
  const largest = (part) => Math.max(...part, 0);
  return {
    observations,
    seconds,
    perSecond: observations / seconds,
    failed: sent.reduce((sum, client) => sum + client.failed, 0),
    busy: sent.reduce((sum, client) => sum + client.busy, 0),
    wireBytes: sent.reduce((sum, client) => sum + client.bytes, 0),
    serverCpuMs: usageOf(server.pid).cpuMs - before.cpuMs,
    clientCpuMs: sent.reduce((sum, client) => sum + client.cpuMs, 0),
    threads: threadsOf(server.pid, fs),
    rss: {
      first: largest(memory.slice(0, third)),
      middle: largest(memory.slice(third, 2 * third)),
      last: largest(memory.slice(2 * third)),
    },
  };
}

async function ask(queries) {
  const answers = [];
  for (const [name, limitMs, path] of queries) {
    await measure(server.url, path, 1);
    answers.push({ name, limitMs, ...(await measure(server.url, path, Number(args.rounds))) });
  }
  return answers;
}

/** Asks while a client sends at a part of what it could. */
async function whileFilling(rate, firstRun, measureMeanwhile) {
  const sending = runClients(server.url, {
    clients: 1,
    firstRun,
    runs: Math.ceil((rate * 60) / SPANS_PER_TRACE),
    start,
    step,
    rate,
  });
  const answers = await measureMeanwhile();
  const [sent] = await sending;
  return { rate: (sent.observations / sent.wallMs) * 1000, answers };
}

function summarize(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return {
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    rounds: times.length,
  };
}
