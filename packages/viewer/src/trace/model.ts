import { visibleText } from "../model/visible-text.ts";

/**
 * The one model behind tree, timeline and transcript: the server's columns (`TraceSkeleton`) as typed arrays, with places in the
 * tree and roll-ups beside them. Observations are named by their index. It is built once per change, in a worker, and handed over
 * without a copy; nothing here grows with what is shown.
 */
export interface TraceModel {
  traceId: string;
  projectId: string;
  count: number;
  /** All ids in one text, a line feed behind each: one text is handed over at no cost, 50 000 are not. */
  idText: string;
  /** Where each id begins in `idText`. */
  idAt: Int32Array;
  /** What `names`, `types`, `models` and `statuses` point to; 0 is "". */
  dictionary: string[];
  names: Int32Array;
  types: Int32Array;
  models: Int32Array;
  statuses: Int32Array;
  /** Epoch milliseconds of the earliest start; all offsets count from here. */
  startTime: number;
  /** Milliseconds after `startTime`. */
  starts: Float64Array;
  /** Milliseconds; -1 while running, and where no end was ever told. */
  durations: Float64Array;
  /** Milliseconds from the own start; -1 for none. */
  firstTokens: Float64Array;
  inputTokens: Float64Array;
  outputTokens: Float64Array;
  /** US dollars; -1 for "no price" and for no usage. */
  costs: Float64Array;
  flags: Uint8Array;

  /** -1 for a root; circles are cut. */
  parents: Int32Array;
  detached: Uint8Array;
  depths: Int32Array;
  /** The observation at each place of the tree, parents before children, siblings by start. */
  order: Int32Array;
  /** The place of each observation: the inverse of `order`. */
  places: Int32Array;
  /** Observations in the subtree, itself included: `order[place + size]` is what follows it. */
  sizes: Int32Array;
  setSizes: Int32Array;
  /** From 1. */
  positions: Int32Array;

  /** Roll-ups over the subtree, aggregates not counted twice. */
  totalInput: Float64Array;
  totalOutput: Float64Array;
  /** -1: nothing in it has a price. */
  totalCosts: Float64Array;
  /** 1: some usage in it has no price, so its cost is a lower bound. */
  costIncomplete: Uint8Array;
  /** The last end in it, as an offset; -1 while something in it runs. */
  ends: Float64Array;
  /** Itself not included. */
  errorsBelow: Int32Array;

  /** Critical path: parts of each observation's time that the trace waited for, `criticalAt[i]` to `criticalAt[i + 1]`. */
  criticalAt: Int32Array;
  criticalFrom: Float64Array;
  criticalTo: Float64Array;

  /** The whole trace's end as an offset: the latest end, or the time of the build while something runs. */
  endMs: number;
  runningCount: number;
  errorCount: number;
}

export const FLAG = { input: 1, output: 2, aggregate: 4, costProvided: 8, scores: 16, message: 32 } as const;

export const DETACHED = { none: 0, parentMissing: 1, parentCycle: 2 } as const;

export function nameOf(model: TraceModel, index: number): string {
  return visibleText(model.dictionary[model.names[index] ?? 0] ?? "");
}

export function typeOf(model: TraceModel, index: number): string {
  return model.dictionary[model.types[index] ?? 0] ?? "span";
}

export function modelOf(model: TraceModel, index: number): string {
  return model.dictionary[model.models[index] ?? 0] ?? "";
}

export function statusOf(model: TraceModel, index: number): string {
  return model.dictionary[model.statuses[index] ?? 0] ?? "";
}

export function hasFlag(model: TraceModel, index: number, flag: number): boolean {
  return ((model.flags[index] ?? 0) & flag) !== 0;
}

export function hasChildren(model: TraceModel, index: number): boolean {
  return (model.sizes[index] ?? 1) > 1;
}

/** Offset of the end; for what runs `nowOffsetMs`; for what never told its end, its start. */
export function endOf(model: TraceModel, index: number, nowOffsetMs: number): number {
  const start = model.starts[index] ?? 0;
  const duration = model.durations[index] ?? -1;
  if (duration >= 0) return start + duration;
  return statusOf(model, index) === "running" ? Math.max(start, nowOffsetMs) : start;
}

/** `null` where it is not known: no end was ever told. */
export function durationOf(model: TraceModel, index: number, nowOffsetMs: number): number | null {
  const duration = model.durations[index] ?? -1;
  if (duration >= 0) return duration;
  return statusOf(model, index) === "running" ? Math.max(0, nowOffsetMs - (model.starts[index] ?? 0)) : null;
}

export interface Sum {
  inputTokens: number;
  outputTokens: number;
  /** `null`: no price is known for any part. */
  cost: number | null;
  costIncomplete: boolean;
}

export function ownSum(model: TraceModel, index: number): Sum {
  const inputTokens = model.inputTokens[index] ?? 0;
  const outputTokens = model.outputTokens[index] ?? 0;
  const cost = model.costs[index] ?? -1;
  return {
    inputTokens,
    outputTokens,
    cost: cost < 0 ? null : cost,
    costIncomplete: cost < 0 && inputTokens + outputTokens > 0,
  };
}

export function subtreeSum(model: TraceModel, index: number): Sum {
  const cost = model.totalCosts[index] ?? -1;
  return {
    inputTokens: model.totalInput[index] ?? 0,
    outputTokens: model.totalOutput[index] ?? 0,
    cost: cost < 0 ? null : cost,
    costIncomplete: model.costIncomplete[index] === 1,
  };
}

/** "" for an index that is none. */
export function idOf(model: TraceModel, index: number): string {
  const from = model.idAt[index];
  return from === undefined ? "" : model.idText.slice(from, (model.idAt[index + 1] ?? model.idText.length) - 1);
}

/** -1 for an id that is not in the trace. */
export function indexOf(model: TraceModel, id: string | null): number {
  if (id === null || id === "" || id.includes("\n")) return -1;
  for (let at = model.idText.indexOf(id); at !== -1; at = model.idText.indexOf(id, at + 1)) {
    const index = idAtOffset(model, at);
    if (idOf(model, index) === id) return index;
  }
  return -1;
}

function idAtOffset(model: TraceModel, offset: number): number {
  let [low, high] = [0, model.count - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((model.idAt[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** From the parent up to the root. */
export function ancestors(model: TraceModel, index: number): number[] {
  const found: number[] = [];
  for (let at = model.parents[index] ?? -1; at >= 0; at = model.parents[at] ?? -1) found.push(at);
  return found;
}

export function children(model: TraceModel, index: number): number[] {
  const found: number[] = [];
  const place = model.places[index] ?? 0;
  const end = place + (model.sizes[index] ?? 1);
  for (let at = place + 1; at < end;) {
    const child = model.order[at] ?? 0;
    found.push(child);
    at += model.sizes[child] ?? 1;
  }
  return found;
}

/** Buffers that go to another thread without a copy. */
export function transferables(model: TraceModel): ArrayBuffer[] {
  return Object.values(model).flatMap((value: unknown) =>
    ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  );
}

/** From the start of the trace to the first token of whatever streamed first; `null` where nothing did. */
export function firstToken(model: TraceModel): number | null {
  let first = Number.POSITIVE_INFINITY;
  for (let index = 0; index < model.count; index++) {
    const own = model.firstTokens[index] ?? -1;
    if (own >= 0) first = Math.min(first, (model.starts[index] ?? 0) + own);
  }
  return Number.isFinite(first) ? first : null;
}
