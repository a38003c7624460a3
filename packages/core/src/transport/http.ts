import { platform } from "#platform";
import { runOutside, runUnrecorded } from "../context/context.ts";
import { withoutOpenTelemetry } from "../interop/opentelemetry.ts";
import { sendByFetch } from "../platform/by-fetch.ts";
import type { HttpRequest, HttpResponse } from "../platform/platform.ts";
import { messageOf } from "../util/text.ts";

/**
 * One request, by the user's `fetch` where one was given. It runs outside of the application's context: our request is
 * nobody's child.
 */
export function sendRequest(request: HttpRequest, givenFetch: typeof fetch | undefined): Promise<HttpResponse> {
  const send = () => (givenFetch ? sendByFetch(givenFetch, request) : platform.send(request));
  // A `fetch` of the user's may record something itself, and so may the platform's where a page or a worker has put its own in its place.
  const run = givenFetch || platform.isFetching ? runUnrecorded : runOutside;
  return run(() => withoutOpenTelemetry(send));
}

export function describeError(error: unknown): string {
  const { message, code, cause } = Object(error) as { message?: string; code?: string; cause?: { message?: string } };
  const parts = [message, code, cause?.message].filter((part) => typeof part === "string" && part !== "");
  return parts.length > 0 ? [...new Set(parts)].join(", ") : messageOf(error);
}
