/** One 5 MB base64 image in a generation, among small ones. */
import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { generationStep } from "../support/agent-run.mjs";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { every, median, number, range, table, verdict } from "../support/stats.mjs";

export const title = "One 5 MB base64 image";
export const rounds = 3;
export const cases = [{ id: "default", candidates: ["none", "floor", "spanwise", "peers"], options: {} }];
export const quick = { rounds: 3, options: {} };

const BASE64_BYTES = 5_000_000;
/** Generations around it: half before, so that the code is warm and the connection open. */
const SMALL = 20;

export async function measure({ start, probe }) {
  const sdk = await start();
  const small = (i) => sdk.generation(generationStep(i, "system", "question", "answer"));
  const image = randomBytes((BASE64_BYTES * 3) / 4);
  for (let i = 0; i < SMALL / 2; i++) small(i);
  await sdk.flush();
  await sleep(50);

  const withImage = generationStep(SMALL, "system", "What is in this image?", "a cat");
  const [, user] = withImage.input.messages;
  const url = `data:image/jpeg;base64,${image.toString("base64")}`;
  user.content = [
    { type: "text", text: user.content },
    { type: "image_url", image_url: { url } },
  ];
  const clock = probe.start();
  await sleep(20);
  const before = performance.now();
  sdk.generation(withImage);
  const syncMs = performance.now() - before;
  for (let i = SMALL / 2; i < SMALL; i++) small(i);
  await sdk.flush();
  await sdk.shutdown();
  const { cpuMicros, longestBlockMs } = clock.stop();
  return { syncMs, longestBlockMs, cpuMs: cpuMicros / 1000, rssMb: probe.peakRssMb() };
}

export async function report({ default: byCandidate }) {
  const peers = peersIn(byCandidate);
  const names = ["floor", "spanwise", ...peers].filter((name) => good(byCandidate[name]).length > 0);
  const of = (name, key) => median(good(byCandidate[name]).map((run) => run[key]));
  const spread = (key) => range(peers.map((name) => of(name, key)));
  const targets = [
    {
      work: "One 5 MB base64 image: in the call; longest block",
      target: "≤ 1 ms; ≤ 20 ms",
      ours: `${number(of("spanwise", "syncMs"))} ms; ${number(of("spanwise", "longestBlockMs"))} ms`,
      floor: `${number(of("floor", "syncMs"))} ms; ${number(of("floor", "longestBlockMs"))} ms`,
      peers: peers.length === 0 ? "not run" : `${spread("syncMs")} ms; ${spread("longestBlockMs")} ms`,
      met: every(verdict(of("spanwise", "syncMs"), 1), verdict(of("spanwise", "longestBlockMs"), 20)),
    },
  ];
  const headers = [
    "SDK",
    "in the call ms",
    "longest block ms",
    "range",
    "CPU ms",
    "peak RSS MB",
    "MB on the wire",
    "delivered",
  ];
  const rows = [];
  for (const name of names) {
    const runs = good(byCandidate[name]);
    const blocks = runs.map(({ longestBlockMs }) => longestBlockMs);
    const sent = median(runs.map(({ sink }) => sink.wireBytes)) / 1e6;
    const delivered = `${Math.min(...runs.map(({ sink }) => sink.delivered))} of ${SMALL + 1}`;
    const ms = ["syncMs", "longestBlockMs"].map((key) => number(of(name, key)));
    rows.push([
      await labelOf(name),
      ...ms,
      range(blocks),
      number(of(name, "cpuMs")),
      number(of(name, "rssMb")),
      number(sent),
      delivered,
    ]);
  }
  const notes = [
    "“Delivered” counts the texts; that the image went too is read from the bytes: 5 MB inline, 3.75 MB when it is uploaded apart.",
    `Without tracing the longest block is ${number(of("none", "longestBlockMs"))} ms.`,
  ];
  return { targets, details: table(headers, rows), notes };
}
