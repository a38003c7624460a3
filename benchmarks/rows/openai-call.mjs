/** A wrapped OpenAI client, 16 calls at once, with a `fetch` that answers at once. */
import { performance } from "node:perf_hooks";
import { inputMarker } from "../support/markers.mjs";
import { answerChat, chatRequest } from "../support/openai-stub.mjs";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { every, median, number, quantile, range, table, verdict } from "../support/stats.mjs";

export const title = "Wrapped OpenAI call, 16 at once";
export const rounds = 7;
export const cases = [
  { id: "default", candidates: ["none", "floor", "spanwise", "peers"], options: { calls: 6_400, warmUp: 2_400 } },
];
export const quick = { rounds: 3, options: { calls: 3_200, warmUp: 1_600 } };

const AT_ONCE = 16;

export async function measure({ start, load, options: { calls, warmUp }, probe }) {
  const { OpenAI } = await load("openai");
  const sdk = await start();
  const raw = new OpenAI({ apiKey: "bench", fetch: answerChat, maxRetries: 0 });
  const client = await sdk.wrap(raw);
  const bursts = new Float64Array(calls / AT_ONCE);

  /** A burst and the microseconds of one of its calls. */
  async function burst(first) {
    const requests = Array.from({ length: AT_ONCE }, (_, i) => chatRequest(first + i, inputMarker));
    const before = performance.now();
    await Promise.all(requests.map((request) => client.chat.completions.create(request)));
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
  const p50s = peers.map((name) => of[name].p50);
  const targets = [
    {
      work: "Wrapped OpenAI call, 16 at once: added p50",
      target: "≤ floor + 10 µs and below every peer",
      ours: `+${number(spanwise.p50)} µs (CPU +${number(spanwise.cpu)} µs)`,
      floor: `+${number(floor.p50)} µs (CPU +${number(floor.cpu)} µs)`,
      peers:
        peers.length === 0 ? "not run" : `+${range(p50s)} µs (CPU +${range(peers.map((name) => of[name].cpu))} µs)`,
      met: every(
        verdict(spanwise.p50, floor.p50 + 10),
        peers.length === 0 ? "yes" : verdict(spanwise.p50, Math.min(...p50s)),
      ),
    },
  ];
  const headers = [
    "SDK",
    "added CPU µs/call",
    "range",
    "added p50 µs",
    "range",
    "added p99 µs",
    "peak RSS MB",
    "MB sent",
    "lost",
  ];
  const body = [];
  for (const name of names) {
    const it = of[name];
    const cells = [it.cpu, it.cpuRange, it.p50, it.p50Range, it.p99, it.rssMb, it.bytes / 1e6, it.lost];
    body.push([await labelOf(name), ...cells.map((cell) => (typeof cell === "string" ? cell : number(cell)))]);
  }
  const none = good(byCandidate.none);
  const base = (key) => number(median(none.map((run) => run[key])));
  const notes = [
    `No tracing: CPU ${base("cpuMicros")} µs, p50 ${base("p50")} µs, p99 ${base("p99")} µs a call; p50 is the time of a burst divided by its 16 calls.`,
  ];
  return { targets, details: table(headers, body), notes };
}
