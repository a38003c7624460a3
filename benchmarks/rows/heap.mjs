/** Heap growth over two million observations. */
import { good, labelOf } from "../support/results.mjs";
import { number, table, verdict } from "../support/stats.mjs";

export const title = "Heap over two million observations";
export const rounds = 1;
export const cases = [
  {
    id: "default",
    candidates: ["floor", "spanwise"],
    options: { observations: 2_000_000, from: 400_000 },
    execArgv: ["--expose-gc"],
  },
];

const MIB = 1024 * 1024;
const FLUSH_EVERY = 500;
const POINTS = 5;
/** Bytes an observation, either way: less is noise. */
const NOISE_BYTES = 20;

export async function measure({ start, options: { observations, from } }) {
  const sdk = await start();
  const points = [];
  const every = (observations - from) / (POINTS - 1);
  for (let i = 1; i <= observations; i++) {
    sdk.generation({
      type: "generation",
      name: "draft",
      model: "gpt-4o",
      input: { messages: [{ role: "user", content: `inq${i - 1}q` }] },
      output: { role: "assistant", content: `outq${i - 1}q` },
      usage: { input: 10, output: 5, total: 15 },
    });
    if (i % FLUSH_EVERY === 0) await sdk.flush();
    if (i >= from && (i - from) % every === 0) points.push(pointAt(i));
  }
  await sdk.shutdown();
  const [first] = points;
  const last = points.at(-1);
  return { observations, points, bytesEach: ((last.heapMb - first.heapMb) * MIB) / (last.at - first.at) };
}

function pointAt(at) {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { at, heapMb: heapUsed / MIB, rssMb: rss / MIB };
}

export async function report({ default: byCandidate }) {
  const [ours] = good(byCandidate.spanwise);
  const [floor] = good(byCandidate.floor);
  const each = (run) => (run ? `${number(run.bytesEach)} bytes` : "did not run");
  const targets = [
    {
      work: "Heap growth over 2 M observations",
      target: `within ±${NOISE_BYTES} bytes an observation`,
      ours: each(ours),
      floor: each(floor),
      peers: "not run",
      met: verdict(ours && Math.abs(ours.bytesEach), NOISE_BYTES),
    },
  ];
  const rows = [];
  for (const name of ["floor", "spanwise"]) {
    for (const run of good(byCandidate[name])) {
      const at = (key) => run.points.map((point) => number(point[key])).join(" → ");
      rows.push([
        await labelOf(name),
        at("heapMb"),
        at("rssMb"),
        number(run.bytesEach),
        number(run.observations - run.sink.delivered),
      ]);
    }
  }
  const points = good(byCandidate.spanwise)[0]
    ?.points.map(({ at }) => `${number(at / 1e6)} M`)
    .join(", ");
  const notes = [`Flushed every ${FLUSH_EVERY}; read after two full collections at ${points ?? "–"} observations.`];
  return { targets, details: table(["SDK", "heap MB", "RSS MB", "bytes an observation", "lost"], rows), notes };
}
