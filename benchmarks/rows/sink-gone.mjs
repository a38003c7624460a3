/** The sink goes and does not come back: how `flush` and `shutdown` end, and when the process does. */
import { setTimeout as sleep } from "node:timers/promises";
import { generationStep } from "../support/agent-run.mjs";
import { settle } from "../support/probe.mjs";
import { createProse, prepareProse } from "../support/prose.mjs";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { every, number, table, verdict } from "../support/stats.mjs";

export const title = "Sink gone for good: flush, shutdown, exit";
export const rounds = 1;
export const prepare = prepareProse;
export const cases = [{ id: "default", candidates: ["spanwise", "peers"], options: { events: 10_000 } }];

const CAP_MS = 35_000;
/** Our own deadlines, `flushTimeoutMs` and `shutdownTimeoutMs`, with a second for the timer of a busy machine. */
const DEADLINE_MS = 11_000;

export async function measure({ start, sink, options: { events } }) {
  const sdk = await start();
  const text = createProse();
  await sink("refuse");
  for (let i = 0; i < events; i++) {
    sdk.generation(generationStep(i, text(1000), text(1000), text(1000)));
    if (i % 50 === 49) await sleep(1);
  }
  const flush = await settle(() => sdk.flush(), CAP_MS);
  const shutdown = await settle(() => sdk.shutdown(), CAP_MS);
  return { events, flush, shutdown, stats: sdk.stats?.() ?? null };
}

/** Each record is either sent, dropped for a reason, or said to be waiting: the sum is what was recorded. */
function isTrue({ events, flush, shutdown, sink, stats }) {
  const { sent, failed, dropped, pending } = flush.value ?? {};
  const accounted = Object.values(stats.dropped).reduce((total, count) => total + count, stats.sent + stats.queued);
  const flushed = sent + failed + dropped + pending;
  return sent === sink.delivered && flushed === events && accounted === events && shutdown.outcome === "ok";
}

export async function report({ default: byCandidate }) {
  const runs = good(byCandidate.spanwise);
  const peers = peersIn(byCandidate);
  const ended = ({ outcome, ms }) => `${outcome} ${number(ms / 1000)} s`;
  const exit = ({ exitMs }) => (exitMs === null ? "not within 15 s" : `${number(exitMs / 1000)} s`);
  const truthful = runs.every(isTrue);
  const exits = Math.max(...runs.map(({ exitMs }) => exitMs ?? Number.POSITIVE_INFINITY));
  const slowest = Math.max(...runs.map(({ flush }) => (flush.outcome === "ok" ? flush.ms : Number.POSITIVE_INFINITY)));
  const [first] = runs;
  const all = peers.flatMap((name) => good(byCandidate[name]));
  const targets = [
    {
      work: "`flush()` with the sink gone; exit after `shutdown()`",
      target: "settles at its deadline (10 s) with true counts; exits within 1 s",
      ours: first ? `${ended(first.flush)}, counts ${truthful ? "true" : "wrong"}; exit ${exit(first)}` : "did not run",
      floor: "–",
      peers:
        all.length === 0
          ? "not run"
          : [
              ...Object.entries(groupByOutcome(all)).map(([outcome, list]) => `${list.length} ${outcome}`),
              `longest flush ${number(Math.max(...all.map(({ flush }) => flush.ms)) / 1000)} s`,
              `${all.filter(({ exitMs }) => exitMs === null || exitMs > 1000).length} exit later than 1 s or not`,
            ].join(", "),
      met: first ? every(verdict(slowest, DEADLINE_MS), truthful ? "yes" : "no", verdict(exits, 1000)) : "not measured",
    },
  ];
  const headers = ["SDK", "flush", "its answer", "shutdown", "exit after it", "requests", "log KB"];
  const rows = [];
  for (const name of ["spanwise", ...peers]) {
    for (const run of good(byCandidate[name])) {
      const answer = run.flush.value === undefined ? "–" : `\`${JSON.stringify(run.flush.value)}\``;
      const log = number(run.logBytes / 1024);
      rows.push([
        await labelOf(name),
        ended(run.flush),
        answer,
        ended(run.shutdown),
        exit(run),
        number(run.sink.requests),
        log,
      ]);
    }
  }
  const notes = [
    `10,000 generations of 3 KB are waiting; flush and shutdown are given ${CAP_MS / 1000} s each, the exit 15 s.`,
  ];
  return { targets, details: table(headers, rows), notes };
}

/** Node 20 has no `Object.groupBy`. */
function groupByOutcome(runs) {
  const groups = {};
  for (const run of runs) (groups[run.flush.outcome] ??= []).push(run);
  return groups;
}
