/**
 * Cost of a nested trace of five observations with 3 KB a generation, against the floor of the same run.
 *
 *   node benchmarks/nested-trace.mjs            rounds of floor and ours, interleaved, a process each; prints a table
 *   node benchmarks/nested-trace.mjs run NAME URL   one round, as JSON (used by the former)
 *
 * CPU is `process.cpuUsage` from the first call to the end of flush and shutdown, less a run that records nothing.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { createFloor } from "./support/floor.mjs";
import { generationInput, generationOutput, usage } from "./support/workload.mjs";

const TRACES = Number(process.env.TRACES ?? 20_000);
const BURST = 20;
const ROUNDS = Number(process.env.ROUNDS ?? 5);

const [, , mode, name, url] = process.argv;
if (mode === "run") console.log(JSON.stringify(await run(name, url)));
else await compare();

async function compare() {
  const sink = spawn(process.execPath, [fileURLToPath(new URL("support/sink.mjs", import.meta.url))]);
  const [line] = await once(sink.stdout, "data");
  const target = String(line).trim();
  const results = { none: [], floor: [], spanwise: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const candidate of Object.keys(results)) {
      const out = execFileSync(process.execPath, [fileURLToPath(import.meta.url), "run", candidate, target]);
      results[candidate].push(JSON.parse(out));
    }
  }
  sink.kill();
  const median = (key, of) => results[of].map((result) => result[key]).sort((a, b) => a - b)[ROUNDS >> 1];
  const floorCpu = median("cpuMicros", "floor") - median("cpuMicros", "none");
  console.log(`Node ${process.version}, ${TRACES} traces in bursts of ${BURST}, medians of ${ROUNDS} rounds\n`);
  for (const candidate of ["floor", "spanwise"]) {
    const cpu = median("cpuMicros", candidate) - median("cpuMicros", "none");
    const row = {
      "CPU µs a trace": cpu / TRACES,
      "× floor": cpu / floorCpu,
      "in calls p50 µs": median("callMicrosP50", candidate),
      "longest block ms": median("longestBlockMs", candidate),
      "RSS MB": median("rssMb", candidate),
      lost: median("lost", candidate),
    };
    console.log(
      candidate.padEnd(9),
      Object.entries(row)
        .map(([key, value]) => `${key} ${value.toFixed(2)}`)
        .join("  "),
    );
  }
}

async function run(candidate, target) {
  const { trace, finish } = await setUp(candidate, target);
  const calls = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = process.cpuUsage();
  for (let i = 0; i < TRACES; i++) {
    const start = performance.now();
    trace(i);
    calls.push(performance.now() - start);
    if (i % BURST === BURST - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  const lost = await finish();
  const { user, system } = process.cpuUsage(before);
  calls.sort((a, b) => a - b);
  return {
    cpuMicros: user + system,
    callMicrosP50: calls[calls.length >> 1] * 1000,
    longestBlockMs: delay.max / 1e6,
    rssMb: process.memoryUsage.rss() / 1024 / 1024,
    lost,
  };
}

async function setUp(candidate, target) {
  if (candidate === "none") return { trace: (i) => void generationInput(i), finish: async () => 0 };
  if (candidate === "floor") {
    const floor = createFloor(target);
    const id = () => Math.random().toString(16).slice(2);
    const trace = (i) => {
      const traceId = id();
      for (const type of ["agent", "retriever", "embedding", "tool"]) {
        floor.record({ id: id(), traceId, type, name: type, start: Date.now(), end: Date.now() });
      }
      const input = generationInput(i);
      floor.record({ id: id(), traceId, type: "generation", name: "draft", input, output: generationOutput, usage });
    };
    return { trace, finish: () => floor.flush().then(() => 0) };
  }
  const { init, startActiveObservation, shutdown, getTracer } = await import("@spanwise/core");
  init({ baseUrl: target, logLevel: "error" });
  const trace = (i) =>
    startActiveObservation(
      "agent",
      (agent) => {
        startActiveObservation("retrieve", (r) => r.embedding("embed").end(), { type: "retriever" });
        agent.tool("tool").end();
        const generation = agent.generation("draft", { model: "gpt-4o", input: generationInput(i) });
        generation.end({ output: generationOutput, usageDetails: usage });
      },
      { type: "agent", trace: { userId: "u", sessionId: "s", traceName: "t", tags: ["a"], metadata: { k: "v" } } },
    );
  const finish = async () => {
    await shutdown();
    const { started, sent } = getTracer().stats();
    return started - sent;
  };
  return { trace, finish };
}
