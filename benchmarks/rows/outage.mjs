/** The sink is unwell for a while and then well again: what is lost, and what it costs in memory to lose nothing. */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { generationStep } from "../support/agent-run.mjs";
import { settle } from "../support/probe.mjs";
import { createNoise, createProse, prepareProse } from "../support/prose.mjs";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { every, number, quantile, table, verdict } from "../support/stats.mjs";

export const title = "Outage: 50,000 generations of 3 KB in 4 s, the sink unwell, then well again";
export const rounds = 1;
export const prepare = prepareProse;

const EVENTS = 50_000;
const EMIT_MS = 4_000;
/** Events between two turns of the loop, where the application cannot keep up with its own pace. */
const MAX_SLICE = 200;
const CAP_MS = 90_000;
const WARM_UP = 3_000;

const modes = { refuse: "refusing", 500: "500", 429: "429 with Retry-After 1", slow: "slow, 2 s a request" };

export const cases = [
  { id: "none", candidates: ["none"], options: { mode: "ok", seconds: 5, payload: "prose" } },
  ...Object.keys(modes).map((mode) => ({
    id: `${mode} 5 s`,
    candidates: ["spanwise", "peers"],
    options: { mode, seconds: 5, payload: "prose" },
  })),
  ...Object.keys(modes).map((mode) => ({
    id: `${mode} 60 s`,
    candidates: ["spanwise"],
    options: { mode, seconds: 60, payload: "prose" },
  })),
  ...["refuse", "slow"].map((mode) => ({
    id: `${mode} 5 s, incompressible`,
    candidates: ["spanwise"],
    options: { mode, seconds: 5, payload: "noise" },
  })),
];

export async function measure({ start, sink, probe, options: { mode, seconds, payload } }) {
  const sdk = await start();
  const text = payload === "noise" ? createNoise() : createProse();
  const step = (i) => generationStep(i, text(1000), text(1000), text(1000));
  for (let i = 0; i < WARM_UP; i++) step(i);
  const memory = probe.rss();
  await sink(mode);

  const calls = new Float64Array(EVENTS);
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  for (let i = 0; i < EVENTS;) {
    const due = Math.min(EVENTS, Math.floor((elapsed() / EMIT_MS) * EVENTS), i + MAX_SLICE);
    for (; i < due; i++) {
      const generation = step(i);
      const before = performance.now();
      sdk.generation(generation);
      calls[i] = performance.now() - before;
    }
    memory.sample();
    await sleep(1);
  }
  const emitMs = elapsed();
  // An SDK that cannot take the events in that fast has its outage until a second after the last.
  await sleep(Math.max(1000, seconds * 1000 - elapsed()));
  const outageMs = elapsed();
  await sink("ok");
  const flush = await settle(() => sdk.flush(), CAP_MS);
  const shutdown = await settle(() => sdk.shutdown(), CAP_MS);
  return {
    emitMs,
    outageMs,
    callP50: quantile(calls, 0.5) * 1000,
    callP99: quantile(calls, 0.99) * 1000,
    callMaxMs: quantile(calls, 1),
    rssBefore: memory.before,
    rssPeak: memory.peak(),
    flush,
    shutdown,
    dropped: sdk.stats?.().dropped ?? null,
  };
}

const lost = (run) => EVENTS - run.sink.delivered;
const growth = (run) => run.rssPeak - run.rssBefore;
const worst = (runs, of) => Math.max(...runs.map(of));

export async function report(results) {
  const targets = [];
  for (const [mode, name] of Object.entries(modes)) {
    const short = results[`${mode} 5 s`] ?? {};
    const long = results[`${mode} 60 s`] ?? {};
    const runs = [...good(short.spanwise), ...good(long.spanwise)];
    if (runs.length === 0) continue;
    const peers = peersIn(short);
    const peerRuns = peers.map((peer) => good(short[peer]));
    const spread = (of) =>
      `${number(Math.min(...peerRuns.map((it) => worst(it, of))))}–${number(Math.max(...peerRuns.map((it) => worst(it, of))))}`;
    const inFlight = worst(runs, ({ sink }) => sink.mostInFlight);
    const each = (of) => [short, long].map((it) => number(worst(good(it.spanwise), of))).join(" / ");
    targets.push({
      work: `Sink ${name}, 5 s / 60 s`,
      target: "0 lost, RSS growth ≤ 150 MB, ≤ 4 in flight",
      ours: `${each(lost)} lost, +${each(growth)} MB, ${inFlight} in flight`,
      floor: "–",
      peers: peers.length === 0 ? "not run" : `5 s: ${spread(lost)} lost, +${spread(growth)} MB`,
      met: every(verdict(worst(runs, lost), 0), verdict(worst(runs, growth), 150), verdict(inFlight, 4)),
    });
  }
  const headers = [
    "outage",
    "SDK",
    "lost of 50,000",
    "RSS MB before → peak",
    "growth",
    "call p50 µs",
    "p99",
    "max ms",
    "emit s",
  ];
  headers.push("outage s", "flush", "shutdown", "exit s", "requests", "most at once", "log KB", "own count of drops");
  const rows = [];
  for (const [id, byCandidate] of Object.entries(results)) {
    for (const [name, all] of Object.entries(byCandidate)) {
      for (const run of good(all)) rows.push(await detailsOf(id, name, run));
    }
  }
  const notes = [
    "“no tracing” shows what making the payload costs in memory; prose compresses about 3 times by gzip 1, the incompressible payload is base64 of random bytes.",
    "“most at once” is seen by the sink, also after the outage: requests that were refused are not among them.",
  ];
  return { targets, details: table(headers, rows), notes };
}

async function detailsOf(id, name, run) {
  const { sink, flush, shutdown, dropped } = run;
  const ended = ({ outcome, ms }) => `${outcome} ${number(ms / 1000)} s`;
  return [
    id,
    await labelOf(name),
    name === "none" ? "–" : number(lost(run)),
    `${number(run.rssBefore)} → ${number(run.rssPeak)}`,
    number(growth(run)),
    ...[run.callP50, run.callP99, run.callMaxMs, run.emitMs / 1000, run.outageMs / 1000].map(number),
    ended(flush),
    ended(shutdown),
    run.exitMs === null ? "not within 15" : number(run.exitMs / 1000),
    number(sink.requests),
    number(sink.mostInFlight),
    number(run.logBytes / 1024),
    dropped === null ? "–" : Object.keys(dropped).length === 0 ? "none" : JSON.stringify(dropped),
  ];
}
