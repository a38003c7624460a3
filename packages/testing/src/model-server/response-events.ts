import { asObjects } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { Choice } from "./generate.ts";
import { obfuscation } from "./ids.ts";
import type { StreamEvent } from "./reply.ts";

/** The full event sequence of a streamed response, in the order of the real API. */
export function responseEvents(started: JsonObject, ended: JsonObject, choice: Choice): StreamEvent[] {
  const events: StreamEvent[] = [];
  const push = (type: string, fields: JsonObject): void => {
    events.push({ event: type, data: { type, ...fields, sequence_number: events.length } });
  };
  push("response.created", { response: started });
  push("response.in_progress", { response: started });
  let callIndex = 0;
  for (const [outputIndex, item] of asObjects(ended["output"]).entries()) {
    const at = { item_id: item["id"], output_index: outputIndex };
    push("response.output_item.added", { item: opened(item), output_index: outputIndex });
    if (item["type"] === "function_call") {
      for (const delta of choice.argumentPieces[callIndex] ?? []) {
        push("response.function_call_arguments.delta", { delta, ...at, obfuscation: obfuscation() });
      }
      push("response.function_call_arguments.done", { arguments: item["arguments"], ...at });
      callIndex += 1;
    }
    for (const [contentIndex, part] of asObjects(item["content"]).entries()) {
      const within = { content_index: contentIndex, ...at };
      if (part["type"] === "refusal") {
        push("response.content_part.added", { ...within, part: { type: "refusal", refusal: "" } });
        push("response.refusal.delta", { ...within, delta: part["refusal"], obfuscation: obfuscation() });
        push("response.refusal.done", { ...within, refusal: part["refusal"] });
      } else {
        push("response.content_part.added", { ...within, part: { ...part, text: "" } });
        for (const delta of choice.pieces) {
          push("response.output_text.delta", { ...within, delta, logprobs: [], obfuscation: obfuscation() });
        }
        push("response.output_text.done", { ...within, logprobs: [], text: part["text"] });
      }
      push("response.content_part.done", { ...within, part });
    }
    push("response.output_item.done", { item, output_index: outputIndex });
  }
  push(ended["status"] === "incomplete" ? "response.incomplete" : "response.completed", { response: ended });
  return events;
}

/** The event that reports an error, and the failed response after it. */
export function failureEvents(started: JsonObject, error: JsonObject, sequenceNumber: number): StreamEvent[] {
  const { code, message } = error;
  return [
    { event: "error", data: { type: "error", sequence_number: sequenceNumber, error } },
    {
      event: "response.failed",
      data: {
        type: "response.failed",
        sequence_number: sequenceNumber + 1,
        response: { ...started, status: "failed", error: { code: code ?? "server_error", message } },
      },
    },
  ];
}

function opened(item: JsonObject): JsonObject {
  switch (item["type"]) {
    case "function_call":
      return { ...item, status: "in_progress", arguments: "" };
    case "message":
      return { ...item, status: "in_progress", content: [] };
    default:
      return item;
  }
}
