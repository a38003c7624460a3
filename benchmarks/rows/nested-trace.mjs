/** CPU, time inside the calls, longest block, losses and bytes of nested traces in bursts. */
import { performance } from "node:perf_hooks";
import { agentRun, EVENTS_A_TRACE } from "../support/agent-run.mjs";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { every, median, number, quantile, range, table, verdict } from "../support/stats.mjs";

export const title = "Nested trace of five observations, 3 KB a generation";
export const rounds = 3;
export const cases = [{ id: "default", candidates: ["none", "floor", "ours", "peers"], options: { traces: 20_000 } }];
export const quick = { rounds: 3, options: { traces: 5_000 } };

/** Traces between two turns of the event loop. */
const BURST = 20;

export async function measure({ start, options: { traces }, probe }) {
  const sdk = await start();
  const calls = new Float64Array(traces);
  const clock = probe.start();
  for (let i = 0; i < traces; i++) {
    const steps = agentRun(i);
    const before = performance.now();
    sdk.run(steps);
    calls[i] = performance.now() - before;
    if (i % BURST === BURST - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  const recordedMs = performance.now();
  await sdk.flush();
  await sdk.shutdown();
  const flushMs = performance.now() - recordedMs;
  const { cpuMicros, wallMs, longestBlockMs } = clock.stop();
  const [callP50, callP99] = [0.5, 0.99].map((q) => quantile(calls, q) * 1000);
  return { traces, cpuMicros, wallMs, flushMs, longestBlockMs, callP50, callP99, rssMb: probe.peakRssMb() };
}

/** The figures of one candidate: CPU less that of the process of the same round that records nothing. */
function figures(results, candidate) {
  const runs = good(results.default[candidate]);
  if (runs.length === 0) return undefined;
  const none = good(results.default.none);
  const added = runs.map(({ cpuMicros, traces }, i) => (cpuMicros - (none[i] ?? none[0]).cpuMicros) / traces);
  const of = (key) => median(runs.map((run) => run[key]));
  const sink = (key) => median(runs.map((run) => run.sink[key]));
  return {
    cpu: median(added),
    cpuRange: range(added),
    callP50: of("callP50"),
    callP99: of("callP99"),
    block: of("longestBlockMs"),
    wallS: of("wallMs") / 1000,
    flushS: of("flushMs") / 1000,
    rssMb: of("rssMb"),
    bytes: sink("bytes"),
    wireBytes: sink("wireBytes"),
    requests: sink("requests"),
    lost: Math.max(...runs.map(({ traces, sink }) => traces * EVENTS_A_TRACE - sink.delivered)),
  };
}

export async function report(results) {
  const names = Object.keys(results.default).filter((name) => name !== "none");
  const of = Object.fromEntries(names.map((name) => [name, figures(results, name)]));
  const { floor, spanwise, "spanwise-bare": bare } = of;
  const peers = peersIn(results.default).filter((name) => of[name]);
  const ratios = (key) => peers.map((name) => of[name][key] / floor[key]);
  const peerRange = (values, unit) => (values.length === 0 ? "not run" : `${range(values)}${unit}`);
  const cpu = spanwise.cpu / floor.cpu;
  const call = spanwise.callP50 / floor.callP50;
  const bytes = spanwise.bytes / floor.bytes;
  const bareBytes = bare && bare.bytes / floor.bytes;
  const best = Math.min(...peers.map((name) => of[name].cpu));

  const targets = [
    {
      work: "CPU per nested trace, default settings, loopback",
      target: "≤ 1.15 × floor and below every peer",
      ours: `${number(cpu)} × (${number(spanwise.cpu)} µs)`,
      floor: `${number(floor.cpu)} µs`,
      peers: peerRange(ratios("cpu"), " ×"),
      met: every(verdict(cpu, 1.15), peers.length === 0 ? "yes" : verdict(spanwise.cpu, best)),
    },
    {
      work: "Time inside the calls, p50 per trace; longest block",
      target: "≤ 0.6 × floor; ≤ 10 ms",
      ours: `${number(call)} × (${number(spanwise.callP50)} µs); ${number(spanwise.block)} ms`,
      floor: `${number(floor.callP50)} µs; ${number(floor.block)} ms`,
      peers: `${peerRange(ratios("callP50"), " ×")}; ${peerRange(
        peers.map((name) => of[name].block),
        " ms",
      )}`,
      met: every(verdict(call, 0.6), verdict(spanwise.block, 10)),
    },
    {
      work: "Lost in the burst, healthy sink (worst round)",
      target: "0",
      ours: number(Math.max(spanwise.lost, bare?.lost ?? 0)),
      floor: number(floor.lost),
      peers: peerRange(
        peers.map((name) => of[name].lost),
        "",
      ),
      met: verdict(Math.max(spanwise.lost, bare?.lost ?? 0), 0),
    },
    {
      work: "Bytes before compression",
      target: "≤ 1.05 × bare, ≤ 1.2 × with five trace attributes",
      ours: `${number(bareBytes)} × bare, ${number(bytes)} × with attributes`,
      floor: `${number(floor.bytes / 1e6)} MB`,
      peers: peerRange(ratios("bytes"), " ×"),
      met: every(verdict(bareBytes, 1.05), verdict(bytes, 1.2)),
    },
  ];

  const headers = ["SDK", "added CPU µs/trace", "range", "× floor", "in calls µs/trace p50", "p99", "longest block ms"];
  headers.push("wall s", "of it flush s", "peak RSS MB", "MB before compression", "MB on the wire", "requests", "lost");
  const body = [];
  for (const name of names) {
    const it = of[name];
    if (!it) continue;
    const cells = [it.cpu, it.cpuRange, it.cpu / floor.cpu, it.callP50, it.callP99, it.block, it.wallS, it.flushS];
    cells.push(it.rssMb, it.bytes / 1e6, it.wireBytes / 1e6, it.requests, it.lost);
    body.push([await labelOf(name), ...cells.map((cell) => (typeof cell === "string" ? cell : number(cell)))]);
  }
  return { targets, details: table(headers, body) };
}
