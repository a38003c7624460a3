import type { ObservationDetail, TraceDetail } from "../api/types.ts";
import { clean, cleanLines } from "./format.ts";
import { formatTree, layOut } from "./trace-tree.ts";

/** A payload in a report for an agent: enough to read, and not the whole of its context. */
const MAX_PAYLOAD_CHARS = 4000;

/** The trace as Markdown: facts, tree, then what went in and came out, observation by observation. */
export function formatMarkdown(
  detail: TraceDetail,
  payloads: ReadonlyMap<string, ObservationDetail>,
  url: string,
): string {
  const sections = layOut(detail.observations).flatMap(({ observation }) => {
    const payload = payloads.get(observation.id);
    if (payload === undefined) return [];
    const parts = [
      ...(payload.statusMessage === null ? [] : [`Status: ${clean(payload.statusMessage)}`]),
      ...(payload.hasInput ? [`Input\n\n${fence(payload.input)}`] : []),
      ...(payload.hasOutput ? [`Output\n\n${fence(payload.output)}`] : []),
    ];
    return parts.length === 0
      ? []
      : [`## ${clean(observation.name)} (${observation.type}, ${clean(observation.id)})`, ...parts];
  });
  const head = [`# Trace ${clean(detail.trace.name)}`, fence(formatTree(detail, url).trimEnd())];
  return `${[...head, ...sections].join("\n\n")}\n`;
}

/** In a fence longer than any inside, so that a payload cannot end it. */
function fence(value: unknown): string {
  const text = cleanLines(typeof value === "string" ? value : JSON.stringify(value, null, 2));
  const cut =
    text.length > MAX_PAYLOAD_CHARS ? `${text.slice(0, MAX_PAYLOAD_CHARS)}\n… ${text.length} characters in all` : text;
  const longest = Math.max(2, ...[...cut.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${typeof value === "string" ? "" : "json"}\n${cut}\n${ticks}`;
}
