/** What is read of a process while it works: CPU of all its threads, the longest block of its loop, its memory. */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";

const MIB = 1024 * 1024;
const RSS_EVERY_MS = 20;

export function createProbe() {
  return {
    /** `stop()` gives CPU µs, wall ms and the longest block in ms since now. */
    start() {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const cpu = process.cpuUsage();
      const startedAt = performance.now();
      return {
        longestBlockMs: () => delay.max / 1e6,
        stop() {
          const { user, system } = process.cpuUsage(cpu);
          delay.disable();
          return { cpuMicros: user + system, wallMs: performance.now() - startedAt, longestBlockMs: delay.max / 1e6 };
        },
      };
    },
    /** Follows the resident memory in MiB; `peak()` is the highest seen. */
    rss() {
      const before = process.memoryUsage.rss() / MIB;
      let peak = before;
      const sample = () => (peak = Math.max(peak, process.memoryUsage.rss() / MIB));
      const timer = setInterval(sample, RSS_EVERY_MS);
      timer.unref();
      return {
        before,
        sample,
        peak() {
          sample();
          clearInterval(timer);
          return peak;
        },
      };
    },
    peakRssMb: () => process.resourceUsage().maxRSS / 1024,
  };
}

/** How a promise ended within `capMs`: its value, its error, or not at all. */
export async function settle(start, capMs) {
  const startedAt = performance.now();
  let timer;
  const cap = new Promise((resolve) => {
    timer = setTimeout(resolve, capMs, { outcome: "hung" });
  });
  const ended = Promise.resolve()
    .then(start)
    .then(
      (value) => ({ outcome: "ok", value: value ?? null }),
      (error) => ({ outcome: "threw", value: String(error?.message ?? error).slice(0, 80) }),
    );
  const result = await Promise.race([ended, cap]);
  clearTimeout(timer);
  return { ...result, ms: performance.now() - startedAt };
}
