import { asNumber, asObject, asObjects, asString } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { ApiError, missingParameter } from "./api-error.ts";
import { contentText, toFormat, toTool, toToolChoice } from "./chat-request.ts";
import type { Prompt, Turn } from "./answer/prompt.ts";
import type { ResponseStore } from "./response-store.ts";

export interface ResponsesRequest {
  prompt: Prompt;
  /** This turn's items and those of the responses before it. */
  items: JsonObject[];
  imageCount: number;
  maxTokens: number | undefined;
}

export function readResponsesRequest(body: JsonObject, store: ResponseStore): ResponsesRequest {
  if (typeof body["model"] !== "string") throw missingParameter("model");
  const { input } = body;
  if (input === undefined || input === null) throw missingParameter("input");
  const items = [...earlierItems(body["previous_response_id"], store), ...toItems(input)];
  const instructions = asString(body["instructions"]);
  const outputs = new Set(
    items.filter((item) => item["type"] === "function_call_output").map((item) => item["call_id"]),
  );
  const unanswered = items.find((item) => item["type"] === "function_call" && !outputs.has(item["call_id"]));
  if (unanswered !== undefined) {
    throw new ApiError(400, {
      message: `No tool output found for function call ${asString(unanswered["call_id"])}.`,
      param: "input",
    });
  }
  return {
    items,
    imageCount: items.flatMap((item) => asObjects(item["content"])).filter((part) => part["type"] === "input_image")
      .length,
    maxTokens: asNumber(body["max_output_tokens"]),
    prompt: {
      model: body["model"],
      turns: [...(instructions === "" ? [] : [turn("system", instructions)]), ...items.flatMap(toTurns)],
      tools: asObjects(body["tools"])
        .filter((tool) => tool["type"] === "function")
        .map(toTool),
      toolChoice: toToolChoice(body["tool_choice"], (choice) => asString(choice["name"])),
      allowsParallelTools: body["parallel_tool_calls"] !== false,
      format: toFormat(asObject(asObject(body["text"])["format"]), (format) => asObject(format["schema"])),
    },
  };
}

function toItems(input: unknown): JsonObject[] {
  return typeof input === "string" ? [{ type: "message", role: "user", content: input }] : asObjects(input);
}

function earlierItems(previousId: unknown, store: ResponseStore): JsonObject[] {
  if (typeof previousId !== "string") return [];
  const stored = store.get(previousId);
  if (stored === undefined) {
    throw new ApiError(400, {
      message: `Previous response with id '${previousId}' not found.`,
      param: "previous_response_id",
      code: "previous_response_not_found",
    });
  }
  return [...stored.items, ...asObjects(stored.response["output"])];
}

function toTurns(item: JsonObject): Turn[] {
  switch (item["type"] ?? "message") {
    case "message": {
      const role = asString(item["role"]);
      const text = contentText(item["content"]);
      return [
        turn(role === "developer" || role === "system" ? "system" : role === "assistant" ? "assistant" : "user", text),
      ];
    }
    case "function_call":
      return [{ ...turn("assistant", ""), calls: new Map([[asString(item["call_id"]), asString(item["name"])]]) }];
    case "function_call_output":
      return [
        {
          ...turn("tool", typeof item["output"] === "string" ? item["output"] : contentText(item["output"])),
          callId: asString(item["call_id"]),
        },
      ];
    default:
      // Reasoning and built-in tool items say nothing the stand-in could use.
      return [];
  }
}

function turn(role: Turn["role"], text: string): Turn {
  return { role, text, calls: new Map(), callId: undefined };
}
