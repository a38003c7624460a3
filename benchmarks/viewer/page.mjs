import { number, verdict } from "../support/stats.mjs";

const ms = (value) => number(Math.round(value * 10) / 10);

/** docs/benchmarks-viewer.md from what was measured. */
export function renderPage({ machine, scriptBytes, cold, live, frames, payload, payloadBytes, shifts, loads }) {
  const load = (name) => loads[name].map((value) => value.toFixed(1)).join(" → ");
  const shifted = Object.entries(shifts).filter(([, value]) => value > 0);
  const lines = [
    "# The viewer in Chromium",
    "",
    "Written by `node benchmarks/viewer.mjs` after `npm run build`: the real server on a file, filled over OTLP, and Debian's Chromium without a GPU, at 1440 × 900.",
    "CPU is the time a thread ran, from Chromium's trace: other work on the machine lengthens it less than it lengthens what a clock shows.",
    "The load is the machine's average over one minute, before and after (two cores).",
    "",
    `${machine.machine}, Node ${machine.node}, commit ${machine.commit}, ${machine.date}.`,
    "",
    "| | aimed at | measured | held | load |",
    "| --- | --- | --- | --- | --- |",
    `| scripts of the first page, gzip | 150 KB | ${number(scriptBytes / 1024)} KB | ${verdict(scriptBytes / 1024, 150)} | |`,
    `| list, new profile: rows shown | | ${ms(cold.shown)} ms | | ${load("cold")} |`,
    `| list, new profile: answers a key | 1,000 ms | ${ms(cold.answered)} ms (longest ${ms(cold.worst)}; ${ms(cold.cpu)} ms of CPU on its main thread) | ${verdict(cold.answered, 1000)} | ${load("cold")} |`,
    `| an observation that ended, sent → shown in its trace | 1,000 ms | ${ms(live.trace.p50)} ms (longest ${ms(live.trace.max)}) | ${verdict(live.trace.max, 1000)} | ${load("live")} |`,
    `| the same, in the list | 1,000 ms | ${ms(live.list.p50)} ms (longest ${ms(live.list.max)}) | ${verdict(live.list.max, 1000)} | ${load("live")} |`,
    ...["formatted", "json"].map(
      (tab) =>
        `| longest task while ${number(payloadBytes / 1e6)} MB are opened, ${tab} | 100 ms | ${ms(payload[tab].cpu)} ms of CPU; the browser's observer: ${payload[tab].observed === 0 ? "none above 50" : `${ms(payload[tab].observed)} ms`} | ${verdict(Math.max(payload[tab].cpu, payload[tab].observed), 100)} | ${load("payload")} |`,
    ),
    `| layout shift, ${Object.keys(shifts).length} pages | 0 | ${shifted.length === 0 ? "0 on each" : shifted.map(([name, value]) => `${name} ${value.toFixed(4)}`).join(", ")} | ${shifted.length === 0 ? "yes" : "no"} | ${load("shifts")} |`,
    "",
    "## Frames",
    "",
    "120 steps, one a frame: the wheel by 240 px, the wheel with Ctrl, the arrow key. The work of a frame is the CPU of the page's main thread from one frame to the next, of the compositor and of the",
    "threads that raster; the interval is the time between two frames, which at 60 Hz is 16.7 ms when none is missed. Aimed at: p95 of the main thread's work below 16 ms.",
    "",
    "| trace | | main p50 | main p95 | held | compositor p95 | raster p95 | interval p50 | interval p95 | load |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...frames.map(
      ({ trace, what, main, compositor, raster, intervals, load: both }) =>
        `| ${trace} | ${what} | ${ms(main.p50)} | ${ms(main.p95)} | ${verdict(main.p95, 16)} | ${ms(compositor.p95)} | ${ms(raster.p95)} | ${ms(intervals.p50)} | ${ms(intervals.p95)} | ${both.map((value) => value.toFixed(1)).join(" → ")} |`,
    ),
    "",
  ];
  return lines.join("\n");
}
