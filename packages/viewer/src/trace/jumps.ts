import { criticalSegments } from "./critical-path.ts";
import { FLAG, hasFlag, statusOf, type TraceModel, idOf } from "./model.ts";

/** Places of all failed observations, in tree order. */
export function errorPlaces(model: TraceModel): number[] {
  const places: number[] = [];
  for (let place = 0; place < model.count; place++) {
    if (statusOf(model, model.order[place] ?? 0) === "error") places.push(place);
  }
  return places;
}

/** The next of some places after (or before) the selected observation, in a circle; -1 when there is none. */
export function nextPlace(model: TraceModel, places: readonly number[], selected: number, step: 1 | -1): number {
  const at = selected < 0 ? (step === 1 ? -1 : model.count) : (model.places[selected] ?? -1);
  const found = step === 1 ? places.find((place) => place > at) : places.findLast((place) => place < at);
  const place = found ?? (step === 1 ? places[0] : places.at(-1));
  return place === undefined ? -1 : (model.order[place] ?? -1);
}

/** What the trace waited for the longest, its own time only; -1 for an empty trace. */
export function slowest(model: TraceModel): number {
  return most(model.count, (index) => criticalSegments(model, index).reduce((sum, { from, to }) => sum + to - from, 0));
}

/** Aggregates repeat what is below them and are no answer to "what cost so much". */
export function mostExpensive(model: TraceModel): number {
  return most(model.count, (index) =>
    hasFlag(model, index, FLAG.aggregate) ? 0 : Math.max(0, model.costs[index] ?? 0),
  );
}

function most(count: number, valueOf: (index: number) => number): number {
  let [best, largest] = [-1, 0];
  for (let index = 0; index < count; index++) {
    const value = valueOf(index);
    if (value > largest) [best, largest] = [index, value];
  }
  return best;
}

/** Places of observations whose name holds the text, and of those the server found it in. */
export function matchPlaces(model: TraceModel, text: string, foundIds: ReadonlySet<string>): number[] {
  const typed = text.trim().toLowerCase();
  if (typed === "") return [];
  // Names repeat: each is compared once.
  const isMatch = model.dictionary.map((word) => word !== "" && word.toLowerCase().includes(typed));
  const places: number[] = [];
  for (let place = 0; place < model.count; place++) {
    const index = model.order[place] ?? 0;
    const id = idOf(model, index);
    if (isMatch[model.names[index] ?? 0] === true || foundIds.has(id) || id.startsWith(typed)) places.push(place);
  }
  return places;
}
