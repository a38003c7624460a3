import { asObject } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { ApiError } from "./api-error.ts";
import { generate } from "./generate.ts";
import { nowSeconds } from "./ids.ts";
import type { Reply } from "./reply.ts";
import { failureEvents, responseEvents } from "./response-events.ts";
import { finished, newResponse, outputItems } from "./response-object.ts";
import { readResponsesRequest } from "./responses-request.ts";
import type { RouteContext } from "./route-context.ts";

/** A background response can be fetched complete this long after it was asked for. */
const backgroundMs = 200;

/** `POST /v1/responses`. */
export async function createResponse(body: JsonObject, { cache, responses, scripted }: RouteContext): Promise<Reply> {
  const request = readResponsesRequest(body, responses);
  const { model } = request.prompt;
  const isBackground = body["background"] === true;
  const isStream = body["stream"] === true;
  const started = newResponse(body, model, nowSeconds(), isBackground && !isStream ? "queued" : "in_progress");
  const { choices, usage } = await generate(
    request.prompt,
    request.imageCount,
    { choices: 1, maxTokens: request.maxTokens, stop: [], scripted },
    cache,
  );
  const choice = choices[0];
  if (choice === undefined) throw new ApiError(500);
  const ended = finished(started, outputItems(choice, model), choice, usage, nowSeconds());
  if (started["store"] === true) {
    responses.set(String(started["id"]), {
      response: ended,
      items: request.items,
      readyAtMs: isBackground ? Date.now() + backgroundMs : 0,
    });
  }
  if (isStream) {
    const events = responseEvents(started, ended, choice);
    return {
      kind: "stream",
      events,
      endsWithDone: false,
      errorEvent: (error) => failureEvents(started, asObject(error["error"]), events.length),
    };
  }
  return { kind: "json", status: 200, body: isBackground ? started : ended };
}

/** `GET /v1/responses/:id`, `POST /v1/responses/:id/cancel`, `DELETE /v1/responses/:id`. */
export function storedResponse(
  method: string,
  id: string,
  action: string | undefined,
  { responses }: RouteContext,
): Reply {
  const stored = responses.get(id);
  if (stored === undefined) {
    throw new ApiError(404, { message: `Response with id '${id}' not found.`, param: null, code: null });
  }
  if (method === "DELETE") {
    responses.delete(id);
    return { kind: "json", status: 200, body: { id, object: "response", deleted: true } };
  }
  const isReady = Date.now() >= stored.readyAtMs;
  if (method === "POST" && action === "cancel" && !isReady) {
    const cancelled = { ...stored.response, status: "cancelled", completed_at: null, output: [], usage: null };
    responses.set(id, { ...stored, response: cancelled, readyAtMs: 0 });
    return { kind: "json", status: 200, body: cancelled };
  }
  const pending = { ...stored.response, status: "in_progress", completed_at: null, output: [], usage: null };
  return { kind: "json", status: 200, body: isReady ? stored.response : pending };
}
