import { writeExact } from "../json/exact.ts";
import type { ObservationDetail, TraceDetail } from "../api/types.ts";
import type { ChatMessage } from "./chat.ts";
import { formatCost, formatCount, formatDuration, formatTotalCost } from "./format.ts";
import { parseNested } from "./json.ts";
import { readChat } from "./read-chat.ts";

/** Of one value in Markdown: what goes to a person or an agent is read, not searched. */
const MAX_VALUE_CHARS = 20_000;

/** An observation for a chat or an issue: facts, failure, input and output. `url` leads back to it. */
export function observationMarkdown(detail: ObservationDetail, trace: TraceDetail["trace"], url: string): string {
  const durationMs = detail.endTime === null ? null : detail.endTime - detail.startTime;
  const facts = [
    `- Trace: ${trace.name} (\`${trace.traceId}\`)`,
    `- Status: ${detail.status}${detail.statusMessage === null ? "" : `: ${detail.statusMessage.split("\n")[0] ?? ""}`}`,
    `- Started: ${new Date(detail.startTime).toISOString()}, took ${formatDuration(durationMs)}`,
    detail.model === null ? "" : `- Model: ${detail.model}`,
    detail.usage === null
      ? ""
      : `- Tokens: ${Object.entries(detail.usage)
          .map(([bucket, count]) => `${bucket} ${count}`)
          .join(", ")}`,
    detail.cost?.["total"] === undefined ? "" : `- Cost: ${formatCost(detail.cost["total"])}`,
    `- Link: ${url}`,
  ].filter((line) => line !== "");
  const parts = [`# ${detail.type}: ${detail.name}`, facts.join("\n")];
  if (detail.hasInput) parts.push("## Input", valueMarkdown(detail.input, "input"));
  if (detail.hasOutput) parts.push("## Output", valueMarkdown(detail.output, "output"));
  if (detail.statusMessage?.includes("\n") === true) parts.push("## Error", fence(detail.statusMessage));
  if (detail.metadata !== null && Object.keys(detail.metadata).length > 0) {
    parts.push("## Metadata", fence(writeExact(detail.metadata, 2), "json"));
  }
  return `${parts.join("\n\n")}\n`;
}

export interface OutlineRow {
  depth: number;
  type: string;
  name: string;
  status: string;
  durationMs: number | null;
  tokens: number;
  cost: number | null;
}

/** Rows of the outline; a larger trace says how many it leaves out. */
const MAX_OUTLINE_ROWS = 200;

/** The whole trace in one page: what it was, and its tree as an outline. */
export function traceMarkdown(trace: TraceDetail["trace"], rows: readonly OutlineRow[], url: string): string {
  const lines = rows.slice(0, MAX_OUTLINE_ROWS).map((row) => {
    const facts = [
      formatDuration(row.durationMs),
      row.tokens === 0 ? "" : `${formatCount(row.tokens)} tokens`,
      row.cost === null ? "" : formatCost(row.cost),
      row.status === "ok" ? "" : `**${row.status}**`,
    ].filter((fact) => fact !== "");
    return `${"  ".repeat(row.depth)}- ${row.type} \`${row.name}\` (${facts.join(", ")})`;
  });
  if (rows.length > MAX_OUTLINE_ROWS) lines.push(`- … ${rows.length - MAX_OUTLINE_ROWS} more`);
  const facts = [
    `- Id: \`${trace.traceId}\``,
    `- Status: ${trace.status}, ${trace.errorCount} failed of ${trace.observationCount} observations`,
    `- Started: ${new Date(trace.startTime).toISOString()}, took ${formatDuration(trace.durationMs)}`,
    trace.totalTokens === null
      ? ""
      : `- Tokens: ${formatCount(trace.inputTokens)} in, ${formatCount(trace.outputTokens)} out`,
    trace.cost === null ? "" : `- Cost: ${formatTotalCost(trace)}`,
    trace.userId === null ? "" : `- User: ${trace.userId}`,
    trace.sessionId === null ? "" : `- Session: ${trace.sessionId}`,
    `- Link: ${url}`,
  ].filter((line) => line !== "");
  return [`# Trace: ${trace.name}`, facts.join("\n"), "## Observations", lines.join("\n"), ""].join("\n\n");
}

/** Reads what is shown through the API, from a shell. */
export function curlCommand(url: string): string {
  return `curl -s '${url.replaceAll("'", String.raw`'\''`)}' -H 'accept: application/json'`;
}

function valueMarkdown(value: unknown, side: "input" | "output"): string {
  const chat = readChat(value, side);
  if (chat !== null) return chat.messages.map(messageMarkdown).join("\n\n");
  const plain = parseNested(value);
  return typeof plain === "string" ? fence(plain) : fence(writeExact(plain, 2), "json");
}

function messageMarkdown(message: ChatMessage): string {
  const parts = message.parts.map((part) => {
    switch (part.kind) {
      case "text":
        return shorten(part.text);
      case "reasoning":
        return `> ${shorten(part.text).replaceAll("\n", "\n> ")}`;
      case "tool-call":
        return `Calls \`${part.name}\`:\n${fence(writeExact(part.arguments, 2), "json")}`;
      case "tool-result":
        return fence(typeof part.value === "string" ? part.value : writeExact(part.value, 2), "json");
      case "media":
        return `[${part.media}: ${part.label}]`;
      default:
        return fence(writeExact(part.value, 2), "json");
    }
  });
  return `**${message.role}**\n\n${parts.join("\n\n")}`;
}

/** A fence longer than any inside, so that what a model wrote cannot end it. */
function fence(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = "`".repeat(longest + 1);
  return `${marks}${language}\n${shorten(text)}\n${marks}`;
}

function shorten(text: string): string {
  if (text.length <= MAX_VALUE_CHARS) return text;
  return `${text.slice(0, MAX_VALUE_CHARS)}\n… [${text.length - MAX_VALUE_CHARS} more characters]`;
}
