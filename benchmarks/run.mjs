/**
 * Us, the peers and the floor in one run: interleaved and rotated, a fresh process and a fresh sink each.
 *
 *   node benchmarks/run.mjs [--only row,row] [--peers a,b|none|all] [--rounds N]   measures and writes docs/benchmarks.md
 *   node benchmarks/run.mjs --only nested-trace --peers none --rounds 5 --dry     one row, printed only
 *   node benchmarks/run.mjs --quick                                              a short version without peers, printed only
 *   node benchmarks/run.mjs --set traces=5000,calls=3200 …                       other sizes than the rows'
 *   node benchmarks/run.mjs --page                                               the page again, from the last results
 *
 * The packages have to be built (`npm run bench` does it). Peers are installed by npm into the temporary directory at their
 * first use; one that cannot be installed or does not run is named in the report. Results are kept as JSON in
 * `artifacts/benchmarks`, a file a row, and the page is written from what is there: a row can be run again alone.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadCandidate, peers as allPeers } from "./candidates/index.mjs";
import { describeMachine } from "./support/machine.mjs";
import { installOurs, installPeer, OPENAI_VERSION } from "./support/install.mjs";
import { readStoredRows, renderRow, storeRow, writePage } from "./support/page.mjs";
import { runRow } from "./support/run-row.mjs";
import { loadRow, rowNames } from "./rows/index.mjs";

const { values: args } = parseArgs({
  options: {
    only: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string" },
    set: { type: "string" },
    quick: { type: "boolean", default: false },
    dry: { type: "boolean", default: false },
    page: { type: "boolean", default: false },
  },
});

if (args.page) {
  await writePage(readStoredRows());
  process.exit();
}

const chosen = args.only?.split(",") ?? rowNames;
const unknown = chosen.filter((name) => !rowNames.includes(name));
if (unknown.length > 0) throw new Error(`--only: no row ${unknown.join(", ")}. Rows: ${rowNames.join(", ")}`);
const peersWanted = args.peers ?? (args.quick ? "none" : "all");
const wantedPeers = peersWanted === "none" ? [] : peersWanted === "all" ? allPeers : peersWanted.split(",");
const unknownPeers = wantedPeers.filter((name) => !allPeers.includes(name));
if (unknownPeers.length > 0) {
  throw new Error(`--peers: no ${unknownPeers.join(", ")}. Peers: ${allPeers.join(", ")}, or none, or all`);
}

const keeps = !args.quick && !args.dry;
const { places, versions, problems } = await installAll();
for (const name of chosen) {
  const row = await loadRow(name);
  if (args.quick && !row.quick) continue;
  const loadBefore = describeMachine().load;
  const rounds = args.rounds === undefined ? (args.quick ? row.quick.rounds : row.rounds) : Number(args.rounds);
  const installed = wantedPeers.filter((peer) => places[peer]);
  const run = { rounds, peers: installed, places, quick: args.quick, changed: changedOptions(), log };
  const results = await runRow(name, row, run);
  const stored = { name, rounds, results, machine: { ...describeMachine(), loadBefore }, versions, problems };
  console.log(`\n${await renderRow(stored)}\n`);
  if (keeps) storeRow(stored);
}
if (keeps) await writePage(readStoredRows());

/** `traces=5000,calls=3200` as an object: options of the rows' cases. */
function changedOptions() {
  const pairs = args.set?.split(",").map((pair) => pair.split("=")) ?? [];
  return Object.fromEntries(pairs.map(([key, value]) => [key, Number(value)]));
}

/** Where each candidate's packages are; what could not be installed is left out and reported. */
async function installAll() {
  const here = installOurs();
  const places = { none: here.folder, floor: here.folder, spanwise: here.folder, "spanwise-bare": here.folder };
  const { version } = JSON.parse(readFileSync(new URL("../packages/core/package.json", import.meta.url), "utf8"));
  const versions = { "@spanwise/core": version, openai: OPENAI_VERSION };
  const problems = [];
  for (const name of wantedPeers) {
    const { packages, label } = await loadCandidate(name);
    try {
      places[name] = installPeer(name, packages).folder;
      Object.assign(versions, packages);
    } catch (error) {
      problems.push(
        `- ${label} could not be installed: \`${String(error.stderr || error.message)
          .trim()
          .slice(0, 300)}\``,
      );
    }
  }
  return { places, versions, problems };
}

function log(line) {
  process.stderr.write(`${line}\n`);
}
