import type { TraceSkeleton } from "../api/types.ts";
import { criticalPath } from "./critical-path.ts";
import { DETACHED, FLAG, type TraceModel } from "./model.ts";

/** `nowMs` (epoch) ends what still runs. Any order, missing parents and circles of parents give every observation one place. */
export function buildTrace(skeleton: TraceSkeleton, nowMs: number): TraceModel {
  const { count, dictionary, statuses } = skeleton;
  const parents = Int32Array.from(skeleton.parents, (parent) => (parent < 0 || parent >= count ? -1 : parent));
  const detached = Uint8Array.from(skeleton.parents, (parent) =>
    parent === -2 ? DETACHED.parentMissing : DETACHED.none,
  );
  cutCycles(parents, detached);
  const starts = Float64Array.from(skeleton.startMicros, toMs);
  const model: TraceModel = {
    traceId: skeleton.traceId,
    projectId: skeleton.projectId,
    count,
    ...joinIds(skeleton.ids),
    dictionary,
    names: Int32Array.from(skeleton.names),
    types: Int32Array.from(skeleton.types),
    models: Int32Array.from(skeleton.models),
    statuses: Int32Array.from(statuses),
    startTime: skeleton.startTime,
    starts,
    durations: Float64Array.from(skeleton.durationMicros, toMs),
    firstTokens: Float64Array.from(skeleton.firstTokenMicros, toMs),
    inputTokens: Float64Array.from(skeleton.inputTokens),
    outputTokens: Float64Array.from(skeleton.outputTokens),
    costs: Float64Array.from(skeleton.costs),
    flags: Uint8Array.from(skeleton.flags),
    parents,
    detached,
    ...placeAll(parents, starts),
    totalInput: new Float64Array(count),
    totalOutput: new Float64Array(count),
    totalCosts: new Float64Array(count).fill(-1),
    costIncomplete: new Uint8Array(count),
    ends: new Float64Array(count),
    errorsBelow: new Int32Array(count),
    criticalAt: new Int32Array(count + 1),
    criticalFrom: new Float64Array(0),
    criticalTo: new Float64Array(0),
    endMs: 0,
    runningCount: 0,
    errorCount: 0,
  };
  rollUp(model, nowMs - skeleton.startTime);
  return { ...model, ...criticalPath(model, nowMs - skeleton.startTime) };
}

/** Below zero is no time: none yet, or none at all. */
function toMs(micros: number): number {
  return micros < 0 ? micros : micros / 1000;
}

function joinIds(ids: readonly string[]): Pick<TraceModel, "idText" | "idAt"> {
  const idAt = new Int32Array(ids.length);
  let at = 0;
  for (const [index, id] of ids.entries()) {
    idAt[index] = at;
    at += id.length + 1;
  }
  return { idText: ids.length === 0 ? "" : `${ids.join("\n")}\n`, idAt };
}

/** Follows parents from each observation in order; the walk that meets itself has found a circle, cut at its earliest member. */
function cutCycles(parents: Int32Array, detached: Uint8Array): void {
  const walkOf = new Int32Array(parents.length).fill(-1);
  for (let start = 0; start < parents.length; start++) {
    let at = start;
    while (at >= 0 && walkOf[at] === -1) {
      walkOf[at] = start;
      at = parents[at] ?? -1;
    }
    if (at < 0 || walkOf[at] !== start) continue;
    let earliest = at;
    for (let member = parents[at] ?? -1; member !== at && member >= 0; member = parents[member] ?? -1) {
      earliest = Math.min(earliest, member);
    }
    parents[earliest] = -1;
    detached[earliest] = DETACHED.parentCycle;
  }
}

type Places = Pick<TraceModel, "depths" | "order" | "places" | "sizes" | "setSizes" | "positions">;

/** Without recursion: a chain may be as deep as the trace is long. */
function placeAll(parents: Int32Array, starts: Float64Array): Places {
  const count = parents.length;
  // Indices are in order of start already, unless a server sorts otherwise.
  const byStart = Int32Array.from(parents, (_, index) => index);
  if (!isSorted(starts)) byStart.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0) || a - b);
  const firstChild = new Int32Array(count + 1).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const lastChild = new Int32Array(count + 1).fill(-1);
  const setSizes = new Int32Array(count);
  const positions = new Int32Array(count);
  const childCounts = new Int32Array(count + 1);
  for (const index of byStart) {
    // Roots are the children of an entry behind the last.
    const parent = (parents[index] ?? -1) < 0 ? count : (parents[index] ?? count);
    const last = lastChild[parent] ?? -1;
    if (last === -1) firstChild[parent] = index;
    else nextSibling[last] = index;
    lastChild[parent] = index;
    childCounts[parent] = (childCounts[parent] ?? 0) + 1;
    positions[index] = childCounts[parent] ?? 1;
  }
  const order = new Int32Array(count);
  const places = new Int32Array(count);
  const depths = new Int32Array(count);
  const sizes = new Int32Array(count).fill(1);
  let place = 0;
  let at = firstChild[count] ?? -1;
  while (at >= 0) {
    const parent = parents[at] ?? -1;
    order[place] = at;
    places[at] = place++;
    depths[at] = parent < 0 ? 0 : (depths[parent] ?? 0) + 1;
    setSizes[at] = childCounts[parent < 0 ? count : parent] ?? 1;
    if ((firstChild[at] ?? -1) >= 0) {
      at = firstChild[at] ?? -1;
      continue;
    }
    while (at >= 0 && (nextSibling[at] ?? -1) < 0) at = parents[at] ?? -1;
    at = at < 0 ? -1 : (nextSibling[at] ?? -1);
  }
  for (let back = count - 1; back >= 0; back--) {
    const index = order[back] ?? 0;
    const parent = parents[index] ?? -1;
    if (parent >= 0) sizes[parent] = (sizes[parent] ?? 1) + (sizes[index] ?? 1);
  }
  return { depths, order, places, sizes, setSizes, positions };
}

function isSorted(values: Float64Array): boolean {
  for (let index = 1; index < values.length; index++) if ((values[index] ?? 0) < (values[index - 1] ?? 0)) return false;
  return true;
}

/** Children before parents, so each sum is complete when it is added. */
function rollUp(model: TraceModel, nowOffsetMs: number): void {
  const { count, order, parents, dictionary, statuses, starts, durations, inputTokens, outputTokens, costs, flags } =
    model;
  const { totalInput, totalOutput, totalCosts, costIncomplete, ends, errorsBelow } = model;
  const [running, error] = [dictionary.indexOf("running"), dictionary.indexOf("error")];
  for (let place = count - 1; place >= 0; place--) {
    const index = order[place] ?? 0;
    const isRunning = statuses[index] === running;
    const isError = statuses[index] === error;
    const ownEnd = (starts[index] ?? 0) + Math.max(0, durations[index] ?? 0);
    // Here `ends` holds the latest end of what is below, or -1 where something below runs; 0 before anything was added.
    const below = ends[index] ?? 0;
    ends[index] = isRunning || below === -1 ? -1 : Math.max(below, ownEnd);
    model.endMs = Math.max(model.endMs, isRunning ? nowOffsetMs : ownEnd);
    if (isRunning) model.runningCount++;
    if (isError) model.errorCount++;
    if (((flags[index] ?? 0) & FLAG.aggregate) === 0) {
      const cost = costs[index] ?? -1;
      totalInput[index] = (totalInput[index] ?? 0) + (inputTokens[index] ?? 0);
      totalOutput[index] = (totalOutput[index] ?? 0) + (outputTokens[index] ?? 0);
      if (cost >= 0) totalCosts[index] = Math.max(0, totalCosts[index] ?? -1) + cost;
      else if ((inputTokens[index] ?? 0) + (outputTokens[index] ?? 0) > 0) costIncomplete[index] = 1;
    }
    const parent = parents[index] ?? -1;
    if (parent < 0) continue;
    totalInput[parent] = (totalInput[parent] ?? 0) + (totalInput[index] ?? 0);
    totalOutput[parent] = (totalOutput[parent] ?? 0) + (totalOutput[index] ?? 0);
    const total = totalCosts[index] ?? -1;
    if (total >= 0) totalCosts[parent] = Math.max(0, totalCosts[parent] ?? -1) + total;
    if (costIncomplete[index] === 1) costIncomplete[parent] = 1;
    ends[parent] = ends[index] === -1 || ends[parent] === -1 ? -1 : Math.max(ends[parent] ?? 0, ends[index] ?? 0);
    errorsBelow[parent] = (errorsBelow[parent] ?? 0) + (errorsBelow[index] ?? 0) + (isError ? 1 : 0);
  }
}
