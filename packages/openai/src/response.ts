import type { CostDetails, UsageDetails } from "@spanwise/core";
import { findUsage, normalizeUsage } from "@spanwise/core/adapter";
import { messageOf, type ChatState } from "./accumulate-chat.ts";
import { arrayOf, defined, fieldsOf, isFields, stringOf, type Fields } from "./fields.ts";

/** What is recorded of an answer. */
export interface DescribedResponse {
  output?: unknown;
  model?: string;
  usageDetails?: UsageDetails;
  costDetails?: CostDetails;
  metadata: Record<string, unknown>;
}

/** An answer that was not streamed. A body of another shape is recorded as it is. */
export function describeChatResponse(body: unknown): DescribedResponse {
  if (!isFields(body) || !Array.isArray(body["choices"])) {
    return { output: body, ...modelOf(stringOf(fieldsOf(body)["model"])), ...usageOf(findUsage(body), {}) };
  }
  const choices = arrayOf(body["choices"]).filter(isFields);
  return {
    output: single(choices.map((choice) => recordedMessage(choice["message"]))),
    ...modelOf(stringOf(body["model"])),
    ...usageOf(findUsage(body), {
      response_id: stringOf(body["id"]),
      ...finishReasons(choices.map((choice) => stringOf(choice["finish_reason"]))),
      system_fingerprint: stringOf(body["system_fingerprint"]),
      service_tier: stringOf(body["service_tier"]),
    }),
  };
}

/** What has come of a stream, at its end or where it broke off. */
export function describeChatStream(state: ChatState): DescribedResponse {
  const choices = [...state.choices.entries()].toSorted(([a], [b]) => a - b).map(([, choice]) => choice);
  return {
    ...(choices.length > 0 && { output: single(choices.map(messageOf)) }),
    ...modelOf(state.model),
    ...usageOf(state.usage, {
      response_id: state.id,
      ...finishReasons(choices.map((choice) => choice.finishReason)),
      system_fingerprint: state.systemFingerprint,
      service_tier: state.serviceTier,
      cutChars: state.cutChars > 0 ? state.cutChars : undefined,
    }),
  };
}

/** True once every choice that began has said why it ended. */
export function isChatFinished(state: ChatState): boolean {
  return state.choices.size > 0 && [...state.choices.values()].every((choice) => choice.finishReason !== undefined);
}

function single(messages: unknown[]): unknown {
  return messages.length === 1 ? messages[0] : messages;
}

function modelOf(model: string | undefined): { model?: string } {
  return model ? { model } : {};
}

function finishReasons(reasons: readonly (string | undefined)[]): Record<string, unknown> {
  return reasons.length > 1
    ? { finish_reasons: reasons.map((reason) => reason ?? null) }
    : { finish_reason: reasons[0] };
}

function usageOf(raw: unknown, metadata: Record<string, unknown>): Omit<DescribedResponse, "output" | "model"> {
  const usage = normalizeUsage(raw);
  return {
    ...(usage && Object.keys(usage.usageDetails).length > 0 && { usageDetails: usage.usageDetails }),
    ...(usage?.costDetails && { costDetails: usage.costDetails }),
    metadata: defined({ ...metadata, usage: raw, usageFlags: usage?.flags }),
  };
}

/** Without the sound of an audio answer, and without the empty fields that say nothing. */
function recordedMessage(message: unknown): unknown {
  if (!isFields(message)) return message;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) {
    const empty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
    if (empty && key !== "content") continue;
    out[key] = key === "audio" && isFields(value) ? withoutData(value) : value;
  }
  return out;
}

function withoutData(audio: Fields): Fields {
  const { data: _data, ...rest } = audio;
  return rest;
}
