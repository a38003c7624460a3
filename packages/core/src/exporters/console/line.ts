import type { ObservationRecord } from "../../model/record.ts";
import type { UsageDetails } from "../../model/types.ts";

/** Characters of a name, a message or a payload that a line shows. */
const MAX_NAME_CHARS = 80;
const MAX_MESSAGE_CHARS = 160;
const MAX_PAYLOAD_CHARS = 72;

export interface LineOptions {
  /** Shows the beginnings of input and output. */
  content: boolean;
  /** ANSI colours. */
  colors: boolean;
}

/** One observation on one line, without what places it in the tree. At most some 500 characters. */
export function lineOf(record: ObservationRecord, options: LineOptions): string {
  const { type, level, status, statusMessage, model, input, output } = record;
  const { red, yellow, dim, bold } = styles(options.colors);
  const mark = level === "ERROR" ? red : level === "WARNING" ? yellow : plain;
  const outcome = status === "ok" ? (level === "DEFAULT" ? "" : level.toLowerCase()) : status;
  const parts = [
    bold(brief(record.name, MAX_NAME_CHARS)),
    dim(type),
    model && brief(model, MAX_NAME_CHARS),
    record.endTime === undefined ? undefined : duration(record.endTime - record.startTime),
    tokens(record.usageDetails),
    cost(record),
    [outcome && mark(outcome), statusMessage && mark(brief(statusMessage, MAX_MESSAGE_CHARS))]
      .filter(Boolean)
      .join(" "),
    options.content && dim(exchange(input, output)),
  ];
  return parts.filter(Boolean).join("  ");
}

/** White space collapsed and control characters taken out: what a model wrote must not steer the terminal. */
export function brief(text: string, maxChars: number): string {
  const line = text
    .slice(0, maxChars * 4)
    .replaceAll(/\s+/g, " ")
    // C0, DEL, C1, and what reverses or hides text.
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "")
    .trim();
  return line.length > maxChars || text.length > maxChars * 4 ? `${line.slice(0, maxChars - 1)}…` : line;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)}ms`;
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(2)}s`;
  return `${Math.floor(ms / MINUTE_MS)}m${Math.round((ms % MINUTE_MS) / SECOND_MS)}s`;
}

/** `in → out`, details included. */
function tokens(usage: UsageDetails | undefined): string | undefined {
  if (!usage) return undefined;
  const sum = (side: string): number =>
    Object.entries(usage).reduce(
      (total, [bucket, count]) => (bucket === side || bucket.startsWith(`${side}_`) ? total + count : total),
      0,
    );
  return `${sum("input")}→${sum("output")} tokens`;
}

function cost({ costDetails }: ObservationRecord): string | undefined {
  if (!costDetails) return undefined;
  const { total, ...parts } = costDetails;
  const dollars = total ?? Object.values(parts).reduce((sum, part) => sum + part, 0);
  return `$${Number(dollars.toPrecision(3))}`;
}

function exchange(input: string | undefined, output: string | undefined): string {
  const shown = [input, output].map((json) => (json === undefined ? "" : brief(readable(json), MAX_PAYLOAD_CHARS)));
  return shown[1] === "" ? shown[0]! : `${shown[0]} → ${shown[1]}`.trim();
}

/** The beginning of a payload's JSON; a text without its quotes and escapes. */
function readable(json: string): string {
  const head = json.slice(0, MAX_PAYLOAD_CHARS * 4);
  if (!head.startsWith('"')) return head;
  const text = head
    .slice(1)
    .replaceAll(/\\[nrt]/g, " ")
    .replaceAll(/\\(["\\/])/g, "$1");
  return json.length <= head.length ? text.slice(0, -1) : text;
}

type Style = (text: string) => string;

const plain: Style = (text) => text;

export function styles(colors: boolean): { red: Style; yellow: Style; dim: Style; bold: Style } {
  const style =
    (on: number, off: number): Style =>
    (text) =>
      colors && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { red: style(31, 39), yellow: style(33, 39), dim: style(2, 22), bold: style(1, 22) };
}
