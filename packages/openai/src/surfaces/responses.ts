import { findUsage } from "@spanwise/core/adapter";
import {
  accumulateResponses,
  emptyResponses,
  describeFailure,
  isVisibleEvent,
  itemsOf,
  type ResponsesState,
} from "../accumulate-responses.ts";
import { defined, fieldsOf, isFields, stringOf, type Fields } from "../fields.ts";
import { describeParameters, pick, type DescribedRequest } from "../request.ts";
import { modelOf, usageOf, type DescribedResponse, type Failure } from "../response.ts";
import { counted } from "../stream-budget.ts";
import type { StreamAccumulator, Surface } from "../surface.ts";
import { withoutCredentials, withoutItemCredentials } from "../tools/credentials.ts";

/** What is not listed is recorded as input, or not at all. */
const PARAMETERS = [
  "temperature",
  "top_p",
  "max_output_tokens",
  "max_tool_calls",
  "truncation",
  "parallel_tool_calls",
  "service_tier",
  "store",
  "background",
  "include",
  "top_logprobs",
  "context_management",
  "prompt_cache_key",
  "prompt_cache_retention",
] as const;

/** What shapes the answer beside `input`; shown with it. */
const INPUT_FIELDS = ["tools", "tool_choice", "prompt"] as const;

/** A response that is being worked on, here or without us. */
const PENDING: ReadonlySet<unknown> = new Set(["queued", "in_progress"]);

/** `responses.create`. */
export const responses: Surface = {
  name: "responses",
  type: "generation",
  describeRequest: describeResponsesRequest,
  describeResult: describeResponse,
  createStream: createResponsesStream,
};

/** `responses.compact`: a conversation is made shorter by a model. */
export const responsesCompact: Surface = {
  name: "responses.compact",
  type: "generation",
  describeRequest: describeResponsesRequest,
  describeResult: describeResponse,
};

/** `input` alone, or with what shapes the answer as `{ instructions, input, tools, tool_choice, prompt, text: { format } }`. */
function describeResponsesRequest(body: unknown, captureInput: boolean): DescribedRequest {
  const fields = fieldsOf(body);
  const input = withoutItemCredentials(fields["input"]);
  const text = fieldsOf(fields["text"]);
  const prompt = fieldsOf(fields["prompt"]);
  const beside = {
    ...describeInputFields(fields),
    ...(isFields(text["format"]) && { text: { format: text["format"] } }),
  };
  const instructions = pick(fields, ["instructions"]);
  const isAlone = Object.keys(beside).length === 0 && Object.keys(instructions).length === 0;
  const settings = { ...fields, verbosity: text["verbosity"], ...prefixed("reasoning_", fields["reasoning"]) };
  const names = [...PARAMETERS, "verbosity", ...Object.keys(prefixed("reasoning_", fields["reasoning"]))];
  return {
    model: stringOf(fields["model"]),
    input: !captureInput ? undefined : isAlone ? input : defined({ ...instructions, input, ...beside }),
    modelParameters: describeParameters(settings, names, captureInput),
    metadata: defined({
      requestMetadata: (captureInput && fields["metadata"]) || undefined,
      user: (captureInput && (fields["user"] ?? fields["safety_identifier"])) || undefined,
      stream: fields["stream"] === true || undefined,
      previous_response_id: stringOf(fields["previous_response_id"]),
      conversation: stringOf(fields["conversation"]) ?? stringOf(fieldsOf(fields["conversation"])["id"]),
      prompt_id: stringOf(prompt["id"]),
      prompt_version: stringOf(prompt["version"]),
    }),
  };
}

function describeInputFields(fields: Fields): Record<string, unknown> {
  const given = pick(fields, INPUT_FIELDS);
  return "tools" in given ? { ...given, tools: withoutCredentials(given["tools"]) } : given;
}

/** `reasoning: { effort }` as `reasoning_effort`, the name that chat completions have for it. */
function prefixed(prefix: string, value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([key, item]) => [prefix + key, item]));
}

/** A response, complete or not. `output` is always the list of its items. A body of another shape is recorded as it is. */
function describeResponse(body: unknown): DescribedResponse {
  if (!isFields(body) || !Array.isArray(body["output"])) {
    return { output: body, ...modelOf(stringOf(fieldsOf(body)["model"])), ...usageOf(findUsage(body), {}) };
  }
  const { id, output } = body;
  return {
    // Of a response that has only been queued there is no output yet.
    ...((output.length > 0 || !PENDING.has(body["status"])) && { output }),
    ...describeEnvelope(body),
    failure: endingOf(body),
    ...(PENDING.has(body["status"]) && typeof id === "string" && { pendingId: id }),
  };
}

function describeEnvelope(response: Fields, extra: Record<string, unknown> = {}): DescribedResponse {
  return {
    ...modelOf(stringOf(response["model"])),
    ...usageOf(findUsage(response), {
      response_id: stringOf(response["id"]),
      response_status: stringOf(response["status"]),
      incomplete_reason: stringOf(fieldsOf(response["incomplete_details"])["reason"]),
      service_tier: stringOf(response["service_tier"]),
      previous_response_id: stringOf(response["previous_response_id"]),
      ...extra,
    }),
  };
}

function endingOf(response: Fields): Failure | undefined {
  switch (response["status"]) {
    case "failed":
      return describeFailure(fieldsOf(response["error"]));
    case "incomplete": {
      const reason = stringOf(fieldsOf(response["incomplete_details"])["reason"]);
      return { status: "incomplete", message: reason ? `incomplete: ${reason}` : "incomplete" };
    }
    case "cancelled":
      return { status: "cancelled", message: "the response was cancelled" };
    default:
      return undefined;
  }
}

function createResponsesStream(): StreamAccumulator {
  const state = emptyResponses();
  return {
    accept: (event) => accumulateResponses(state, event),
    isVisible: isVisibleEvent,
    describe: () => describeResponsesStream(state),
    get finished() {
      return state.final !== undefined;
    },
    get isLast() {
      return state.final !== undefined;
    },
    get failure() {
      return state.final ? endingOf(state.final) : state.failure;
    },
  };
}

/** The final response as the provider sent it, or what has come of it. */
export function describeResponsesStream(state: ResponsesState): DescribedResponse {
  const { final, envelope, budget } = state;
  const items = itemsOf(state);
  const output = final && Array.isArray(final["output"]) && final["output"].length > 0 ? final["output"] : items;
  const isOurs = output === items;
  const isPending = !final && envelope["background"] === true && typeof envelope["id"] === "string";
  return {
    ...((output.length > 0 || final) && { output }),
    ...describeEnvelope(final ? { ...envelope, ...final } : envelope, {
      cutChars: isOurs ? counted(budget.cutChars) : undefined,
      cutNodes: isOurs ? counted(budget.cutNodes) : undefined,
    }),
    ...(isPending && { pendingId: envelope["id"] as string }),
  };
}
