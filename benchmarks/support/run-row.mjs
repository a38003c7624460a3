/** Runs a row: rounds of all candidates, each round beginning with another one. */
import { loadCandidate } from "../candidates/index.mjs";
import { namesOf } from "./results.mjs";
import { runOnce } from "./process.mjs";

/** Results as `{ case: { candidate: [run, …] } }`. */
export async function runRow(name, row, { rounds, peers, places, quick, changed, log }) {
  // Sizes need no process.
  if (row.compute) return row.compute({ peers, places });
  row.prepare?.();
  const results = {};
  for (let round = 0; round < rounds; round++) {
    for (const { id, candidates, options, execArgv, rounds: caseRounds = rounds } of row.cases) {
      if (round >= caseRounds || (quick && row.quick.cases && !row.quick.cases.includes(id))) continue;
      const names = namesOf(candidates, peers).filter((candidate) => places[candidate]);
      results[id] ??= Object.fromEntries(names.map((candidate) => [candidate, []]));
      for (const candidate of rotate(names, round)) {
        const { env: extraEnv } = await loadCandidate(candidate);
        const effective = { ...options, ...(quick && row.quick.options), ...changed };
        const task = { row: name, candidate, folder: places[candidate], options: effective, execArgv, extraEnv };
        const run = await runOnce(task);
        results[id][candidate].push(run);
        log(`${name} ${id} round ${round + 1}/${caseRounds} ${candidate}: ${run.error ?? summary(run)}`);
      }
    }
  }
  return results;
}

const rotate = (list, by) => [...list.slice(by % list.length), ...list.slice(0, by % list.length)];

function summary({ sink, ...figures }) {
  const shown = Object.entries(figures).filter(([, value]) => typeof value === "number");
  return [...shown, ["delivered", sink.delivered]]
    .map(([key, value]) => `${key} ${Math.round(value * 100) / 100}`)
    .join(", ");
}
