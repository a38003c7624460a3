/** A LangChain run of six (lambda, tool, sequence, prompt, model, parser), 16 at once, with each SDK's own handler. */
import { performance } from "node:perf_hooks";
import { createLangChainWork, RUNS } from "../support/langchain-work.mjs";
import { inputMarker } from "../support/markers.mjs";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { median, number, quantile, range, table, verdict } from "../support/stats.mjs";

export const title = "LangChain run of six, 16 at once";
export const rounds = 5;
export const cases = [
  {
    id: "default",
    candidates: ["none", "floor", "spanwise", "langfuse", "langsmith", "openinference", "traceloop"],
    options: { calls: 3_200, warmUp: 800 },
  },
];
export const quick = { rounds: 3, options: { calls: 1_600, warmUp: 800 } };

const AT_ONCE = 16;

export async function measure({ start, load, options: { calls, warmUp }, probe }) {
  const sdk = await start();
  const work = await createLangChainWork(load);
  const callbacks = await sdk.langChainCallbacks();
  const bursts = new Float64Array(calls / AT_ONCE);

  /** A burst and the microseconds of one of its calls. */
  async function burst(first) {
    const before = performance.now();
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => work.run(first + i, inputMarker(first + i), callbacks)),
    );
    return ((performance.now() - before) * 1000) / AT_ONCE;
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  for (let i = 0; i < warmUp; i += AT_ONCE) {
    await burst(i);
    await turn();
  }
  const clock = probe.start();
  for (let i = 0; i < calls; i += AT_ONCE) {
    bursts[i / AT_ONCE] = await burst(warmUp + i);
    await turn();
  }
  await work.settle();
  await sdk.flush();
  await sdk.shutdown();
  const { cpuMicros } = clock.stop();
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(bursts, q));
  return { recorded: warmUp + calls, cpuMicros: cpuMicros / calls, p50, p99, rssMb: probe.peakRssMb() };
}

function figures(byCandidate, name) {
  const runs = good(byCandidate[name]);
  const none = good(byCandidate.none);
  const added = (key) => runs.map((run, i) => run[key] - (none[i] ?? none[0])[key]);
  return {
    cpu: median(added("cpuMicros")),
    cpuRange: range(added("cpuMicros")),
    p50: median(added("p50")),
    p50Range: range(added("p50")),
    p99: median(added("p99")),
    rssMb: median(runs.map(({ rssMb }) => rssMb)),
    bytes: median(runs.map(({ sink }) => sink.bytes)),
    lost: Math.max(...runs.map(({ recorded, sink }) => recorded - sink.delivered)),
  };
}

export async function report({ default: byCandidate }) {
  const peers = peersIn(byCandidate);
  const names = ["floor", "spanwise", ...peers].filter((name) => good(byCandidate[name]).length > 0);
  const of = Object.fromEntries(names.map((name) => [name, figures(byCandidate, name)]));
  const { floor, spanwise } = of;
  const cpus = peers.map((name) => of[name].cpu);
  const targets = [
    {
      work: "LangChain run of six: added CPU",
      target: "below every peer",
      ours: `+${number(spanwise.cpu)} µs (p50 +${number(spanwise.p50)} µs)`,
      floor: `+${number(floor.cpu)} µs (p50 +${number(floor.p50)} µs)`,
      peers:
        peers.length === 0 ? "not run" : `+${range(cpus)} µs (p50 +${range(peers.map((name) => of[name].p50))} µs)`,
      met: peers.length === 0 ? "not measured" : verdict(spanwise.cpu, Math.min(...cpus)),
    },
  ];
  const headers = ["SDK", "added CPU µs", "range", "a run µs", "added p50 µs", "range", "added p99 µs"];
  headers.push("peak RSS MB", "MB sent", "lost");
  const body = [];
  for (const name of names) {
    const it = of[name];
    const cells = [it.cpu, it.cpuRange, it.cpu / RUNS, it.p50, it.p50Range, it.p99, it.rssMb, it.bytes / 1e6, it.lost];
    body.push([await labelOf(name), ...cells.map((cell) => (typeof cell === "string" ? cell : number(cell)))]);
  }
  const none = good(byCandidate.none);
  const base = (key) => number(median(none.map((run) => run[key])));
  const notes = [
    `Without a handler: CPU ${base("cpuMicros")} µs, p50 ${base("p50")} µs a call; p50 is the time of a burst divided by its 16 calls. The floor is a handler
that keeps input and output of each run. Opik, Braintrust and Laminar are not in this row.`,
  ];
  return { targets, details: table(headers, body), notes };
}
