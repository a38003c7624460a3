import type { TraceSkeleton } from "../src/api/types.ts";
import { buildTrace } from "../src/trace/build.ts";
import { idOf, type TraceModel } from "../src/trace/model.ts";

export interface Observation {
  id: string;
  parent?: string;
  type?: string;
  name?: string;
  status?: string;
  start?: number;
  /** -1 while running. */
  duration?: number;
  firstToken?: number;
  input?: number;
  output?: number;
  cost?: number;
  flags?: number;
  model?: string;
}

const toMicros = (ms: number): number => (ms < 0 ? ms : Math.round(ms * 1000));

/** The server's columns for some observations, in the order given. A parent that is not among them is missing. */
export function skeleton(observations: readonly Observation[]): TraceSkeleton {
  const dictionary = [""];
  const word = (text: string | undefined): number => {
    const known = dictionary.indexOf(text ?? "");
    return known === -1 ? dictionary.push(text ?? "") - 1 : known;
  };
  const ids = observations.map(({ id }) => id);
  return {
    traceId: "t",
    projectId: "default",
    count: observations.length,
    ids,
    parents: observations.map(({ parent }) =>
      parent === undefined ? -1 : ids.includes(parent) ? ids.indexOf(parent) : -2,
    ),
    names: observations.map(({ name, id }) => word(name ?? id)),
    types: observations.map(({ type }) => word(type ?? "span")),
    models: observations.map(({ model }) => word(model)),
    statuses: observations.map(({ status }) => word(status ?? "ok")),
    levels: observations.map(({ status }) => word(status === "error" ? "ERROR" : "DEFAULT")),
    dictionary,
    startMicros: observations.map(({ start }) => toMicros(start ?? 0)),
    durationMicros: observations.map(({ duration }) => toMicros(duration ?? 1)),
    firstTokenMicros: observations.map(({ firstToken }) => toMicros(firstToken ?? -1)),
    inputTokens: observations.map(({ input }) => input ?? 0),
    outputTokens: observations.map(({ output }) => output ?? 0),
    costs: observations.map(({ cost }) => cost ?? -1),
    flags: observations.map(({ flags }) => flags ?? 0),
    startTime: 1_000_000,
  };
}

export function model(observations: readonly Observation[], nowOffsetMs = 0): TraceModel {
  return buildTrace(skeleton(observations), 1_000_000 + nowOffsetMs);
}

export const idsOf = (trace: TraceModel, indices: Iterable<number>): string[] =>
  [...indices].map((index) => idOf(trace, index));
