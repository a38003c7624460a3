/** `docs/benchmarks.md`, and the results it is written from. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadRow, rowNames } from "../rows/index.mjs";
import { failures } from "./results.mjs";
import { table } from "./stats.mjs";
import { writeDocsPage } from "./docs-page.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "artifacts", "benchmarks");

export function storeRow(row) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${row.name}.json`), JSON.stringify(row));
}

export function readStoredRows() {
  mkdirSync(folder, { recursive: true });
  const files = new Set(readdirSync(folder));
  return rowNames
    .filter((name) => files.has(`${name}.json`))
    .map((name) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")));
}

const targetTable = (targets) =>
  table(
    ["work", "target", "ours", "floor", "peers", "met", "load"],
    targets.map(({ work, target, ours, floor, peers, met, load }) => [work, target, ours, floor, peers, met, load]),
  );

/** The report of a stored row, with the load at its start and end on each line: it says how far to trust it. */
async function reportOf({ name, results, machine }) {
  const report = await (await loadRow(name)).report(results);
  const load = `${machine.loadBefore[0]} – ${machine.load[0]}`;
  return { ...report, targets: report.targets.map((target) => ({ ...target, load })) };
}

/** One row's part of the page; also what is printed while the harness runs. */
export async function renderRow(stored) {
  const { name, rounds, results, machine, problems } = stored;
  const { title } = await loadRow(name);
  const { targets, details, notes = [] } = await reportOf(stored);
  const parts = [`## ${title}`, measuredWhen(machine, rounds), targetTable(targets), details];
  const failed = [...problems, ...(await failures(results))];
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join("\n"));
  if (failed.length > 0) parts.push(`Did not run:\n\n${failed.join("\n")}`);
  return parts.join("\n\n");
}

function measuredWhen({ date, node, loadBefore, load, commit }, rounds) {
  const many = rounds === 1 ? "one round" : `${rounds} rounds`;
  return `${date} UTC, Node ${node.slice(1)}, ${many}, commit ${commit}; load average ${loadBefore[0]} at the start, ${load[0]} at the end.`;
}

export async function writePage(rows) {
  const targets = [];
  const sections = [];
  const versions = {};
  for (const row of rows) {
    targets.push(...(await reportOf(row)).targets);
    sections.push(await renderRow(row));
    Object.assign(versions, row.versions);
  }
  const missing = rowNames.filter((name) => !rows.some((row) => row.name === name));
  const parts = [
    intro,
    `Machine: ${rows[0]?.machine.machine ?? "not measured yet"}.`,
    "## Targets",
    targetTable(targets),
    missing.length > 0 ? `Not run yet: ${missing.join(", ")}.` : "",
    ...sections,
    `## Versions\n\n${Object.entries(versions)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, version]) => `- ${name} ${version}`)
      .join("\n")}`,
  ];
  writeDocsPage("benchmarks", `${parts.filter(Boolean).join("\n\n")}\n`);
}

const intro = `# What tracing costs

Written by \`npm run bench\`; \`node benchmarks/run.mjs --only outage --peers none\` runs a part of it again. Do not edit by hand.

Each figure comes from a process of its own with a sink of its own, candidates interleaved and rotated over the rounds, and is
the median of the rounds unless it says otherwise. CPU is that of all threads of the process from the first call to the end
of flush and shutdown, less the process of the same round that records nothing. The *floor* is the least that sending can
cost: one \`JSON.stringify\` an event and one keep-alive POST for 512 of them. The sink keeps the bodies and reads them
afterwards; an event counts as delivered when the marker of its input and the one of its output have both arrived. Every SDK
runs at its default settings, by its explicit span API; ours by \`startActiveObservation\`, which also carries the context,
and with five trace attributes on each observation, unless it says "bare". In the OpenTelemetry candidates the attributes are
set by the harness in the vendor's convention. Opik's generation is a trace and a span, hence two records.

“Load” is the machine's load average before and after a row: above the number of its cores, other work stood in the way and the
figures say little about time. Differences below about 25 % between two candidates are not to be trusted. The sink stands on the same machine and answers at
once: TLS, network and server limits are absent.`;
