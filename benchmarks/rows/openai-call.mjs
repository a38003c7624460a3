/** A wrapped OpenAI client, 16 calls at once, with a `fetch` that answers at once; bursts of the raw and the wrapped one alternate. */
import { performance } from "node:perf_hooks";
import { inputMarker } from "../support/markers.mjs";
import { answerChat, chatRequest } from "../support/openai-stub.mjs";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { every, median, number, quantile, range, table, verdict } from "../support/stats.mjs";

export const title = "Wrapped OpenAI call, 16 at once";
export const rounds = 7;
/** `calls` of each client. The engine still compiles what a call runs through after some 5,000. */
export const cases = [
  { id: "default", candidates: ["none", "floor", "spanwise", "peers"], options: { calls: 6_400, warmUp: 6_400 } },
];
export const quick = { rounds: 3, options: { calls: 3_200, warmUp: 3_200 } };

const AT_ONCE = 16;

export async function measure({ start, load, options: { calls, warmUp }, candidate, probe }) {
  const { OpenAI } = await load("openai");
  // Some peers patch the class itself: their raw client comes from another copy of the same version.
  const { OpenAI: RawOpenAI } = await load(candidate.patchesClass ? "openai-raw" : "openai");
  const sdk = await start();
  const options = { apiKey: "bench", fetch: answerChat, maxRetries: 0 };
  const clients = { raw: new RawOpenAI(options), wrapped: await sdk.wrap(new OpenAI(options)) };
  let events = 0;

  /** A burst and the microseconds of one of its calls. */
  async function burst(client) {
    const requests = Array.from({ length: AT_ONCE }, () => chatRequest(events++, inputMarker));
    const before = performance.now();
    await Promise.all(requests.map((request) => client.chat.completions.create(request)));
    return ((performance.now() - before) * 1000) / AT_ONCE;
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  async function alternate(bursts) {
    const micros = { raw: [], wrapped: [] };
    for (let i = 0; i < bursts; i++) {
      for (const kind of i % 2 === 0 ? ["raw", "wrapped"] : ["wrapped", "raw"]) {
        micros[kind].push(await burst(clients[kind]));
        await turn();
      }
    }
    return micros;
  }
  await alternate(warmUp / AT_ONCE);
  const clock = probe.start();
  const { raw, wrapped } = await alternate(calls / AT_ONCE);
  await sdk.flush();
  await sdk.shutdown();
  const { cpuMicros } = clock.stop();
  const added = (q) => quantile(wrapped, q) - quantile(raw, q);
  return {
    recorded: warmUp + calls,
    // Of a call of each client: what the raw one takes is taken off with the process that records nothing.
    cpuMicros: cpuMicros / calls,
    rawP50: quantile(raw, 0.5),
    p50: added(0.5),
    p99: added(0.99),
    rssMb: probe.peakRssMb(),
  };
}

/** The host is up to twice as fast for one process as for the next: the raw bursts of both tell by how much. */
const addedCpu = (run, none) => run.cpuMicros - (none.cpuMicros * run.rawP50) / none.rawP50;

function figures(byCandidate, name) {
  const runs = good(byCandidate[name]);
  const none = good(byCandidate.none);
  const cpu = runs.map((run, i) => addedCpu(run, none[i] ?? none[0]));
  const values = (key) => runs.map((run) => run[key]);
  return {
    cpu: median(cpu),
    cpuRange: range(cpu),
    p50: median(values("p50")),
    p50Range: range(values("p50")),
    p99: median(values("p99")),
    rssMb: median(values("rssMb")),
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
  const base = (key, divisor = 1) => number(median(none.map((run) => run[key])) / divisor);
  const notes = [
    "The raw and the wrapped client take turns in one process, a burst each: added p50 and p99 are the differences of their bursts, divided by the 16 calls of a burst. CPU is that of the whole process, less that of one in which neither client is wrapped, as fast as the raw bursts say that the host was for either.",
    `Unwrapped: CPU ${base("cpuMicros", 2)} µs, p50 ${base("rawP50")} µs a call.`,
  ];
  return { targets, details: table(headers, body), notes };
}
