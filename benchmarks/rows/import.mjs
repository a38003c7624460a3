/** What it costs to have the SDK: import in a fresh process, memory after init and before the first send. */
import { performance } from "node:perf_hooks";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { every, median, number, range, table, verdict } from "../support/stats.mjs";

export const title = "Import, and memory after init";
export const rounds = 9;
export const cases = [{ id: "default", candidates: ["floor", "spanwise", "peers"], options: {} }];
export const quick = { rounds: 5, options: {} };

const MIB = 1024 * 1024;

export async function measure({ loadSdk, start }) {
  const rss = () => process.memoryUsage.rss() / MIB;
  const before = rss();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await loadSdk();
  const importMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const imported = rss() - before;
  const sdk = await start();
  const initialised = rss() - before;
  await sdk.shutdown();
  return { importMs, cpuMs: (user + system) / 1000, imported, initialised };
}

export async function report({ default: byCandidate }) {
  const peers = peersIn(byCandidate);
  const names = ["floor", "spanwise", ...peers].filter((name) => good(byCandidate[name]).length > 0);
  const values = (name, key) => good(byCandidate[name]).map((run) => run[key]);
  const of = (name, key) => median(values(name, key));
  const spread = (key) => range(peers.map((name) => of(name, key)));
  const targets = [
    {
      work: "Import; RSS after init, before the first send",
      target: "≤ 15 ms; ≤ +4 MB",
      ours: `${number(of("spanwise", "importMs"))} ms; +${number(of("spanwise", "initialised"))} MB`,
      floor: `${number(of("floor", "importMs"))} ms; +${number(of("floor", "initialised"))} MB`,
      peers: peers.length === 0 ? "not run" : `${spread("importMs")} ms; +${spread("initialised")} MB`,
      met: every(verdict(of("spanwise", "importMs"), 15), verdict(of("spanwise", "initialised"), 4)),
    },
  ];
  const headers = ["SDK", "import ms", "range", "CPU ms", "RSS after import, MB", "RSS after init, MB"];
  const rows = [];
  for (const name of names) {
    const cells = [of(name, "cpuMs"), of(name, "imported"), of(name, "initialised")].map(number);
    rows.push([await labelOf(name), number(of(name, "importMs")), range(values(name, "importMs")), ...cells]);
  }
  const notes = [
    "RSS is the growth within the process. Braintrust's init logs in, so its figure has a first request in it; the floor's import is `node:http`.",
  ];
  return { targets, details: table(headers, rows), notes };
}
