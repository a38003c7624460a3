/** Results by case and candidate: an array of runs each, some of which may be `{ error }`. */
import { loadCandidate, ours, peers } from "../candidates/index.mjs";

/** The runs that came to a result. */
export const good = (runs = []) => runs.filter((run) => run.error === undefined);

export const peersIn = (byCandidate) => peers.filter((name) => good(byCandidate[name]).length > 0);

export const labelOf = async (name) => (await loadCandidate(name)).label;

/** The groups `ours` and `peers` in a case's list, as names; `wanted` are the peers that were asked for. */
export const namesOf = (candidates, wanted) =>
  candidates.flatMap((name) => (name === "ours" ? ours : name === "peers" ? wanted : [name]));

/** What failed, once each: a peer that does not run is reported, not hidden. */
export async function failures(results) {
  const lines = new Set();
  for (const [caseId, byCandidate] of Object.entries(results)) {
    for (const [name, runs] of Object.entries(byCandidate)) {
      // Sizes are no runs: they carry their errors in the table.
      if (!Array.isArray(runs)) continue;
      const [failed] = runs.filter((run) => run.error !== undefined);
      if (!failed) continue;
      const error = failed.error.replaceAll(/\s+/g, " ").slice(0, 300);
      const count = runs.length - good(runs).length;
      lines.add(`- ${await labelOf(name)} (${caseId}): ${count} of ${runs.length} runs failed: \`${error}\``);
    }
  }
  return [...lines];
}
