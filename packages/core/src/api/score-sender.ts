import { platform } from "#platform";
import { readEventErrors } from "../exporters/score-event.ts";
import type { HttpResponse } from "../platform/platform.ts";
import { fetchWithin } from "../platform/by-fetch.ts";
import { describeError } from "../transport/http.ts";
import { outcomeOfFailure } from "../transport/outcome.ts";
import { isBrowser } from "../util/browser.ts";
import { setQuietTimeout } from "../util/timers.ts";
import type { Endpoint } from "./endpoint.ts";
import { utf8 } from "../util/utf8.ts";

/** Browsers let 64 KiB of `keepalive` requests of a page be under way together; the rest of it is left to others. */
export const MAX_KEEPALIVE_BYTES = 60 * 1024;
/** An answer names every score. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** What became of each score of a batch. */
export interface Delivery {
  outcomeOf(eventId: string): "sent" | "rejected" | "again";
  /** Milliseconds the backend asked to wait. */
  afterMs?: number | undefined;
  message?: string | undefined;
}

export interface ScoreSender {
  /** Never rejects. */
  send(batch: readonly { json: string; bytes: number }[]): Promise<Delivery>;
}

export interface ScoreSenderOptions {
  timeoutMs: number;
  fetch: typeof fetch | undefined;
}

/** `score-create` events for the ingestion API, the one that every server takes from a public key alone. */
export function createScoreSender(endpoint: Endpoint, { timeoutMs, fetch }: ScoreSenderOptions): ScoreSender {
  const url = `${endpoint.baseUrl}/api/public/ingestion`;
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (endpoint.authorization !== undefined) headers["authorization"] = endpoint.authorization;
  const inBrowser = isBrowser();
  let keepaliveBytes = 0;

  async function post(body: string, bytes: number, signal: AbortSignal): Promise<HttpResponse> {
    const given = fetch ?? (inBrowser ? globalThis.fetch : undefined);
    if (given === undefined) {
      const request = { method: "POST", url, headers, body: [utf8(body)], signal } as const;
      return platform.send({ ...request, maxResponseBytes: MAX_ANSWER_BYTES });
    }
    const init = { method: "POST", headers, body, signal, redirect: "manual" as const };
    // Beyond the bound a browser refuses the request, where an ordinary one may still make it.
    const isKept = inBrowser && keepaliveBytes + bytes <= MAX_KEEPALIVE_BYTES;
    if (!isKept) return fetchWithin(given, url, init, MAX_ANSWER_BYTES);
    keepaliveBytes += bytes;
    try {
      return await fetchWithin(given, url, { ...init, keepalive: true }, MAX_ANSWER_BYTES);
    } finally {
      keepaliveBytes -= bytes;
    }
  }

  return {
    async send(batch) {
      const controller = new AbortController();
      const cancel = setQuietTimeout(() => controller.abort(), timeoutMs);
      const body = `{"batch":[${batch.map(({ json }) => json).join(",")}]}`;
      const bytes = batch.reduce((sum, score) => sum + score.bytes, 0);
      try {
        return read(await post(body, bytes, controller.signal));
      } catch (error) {
        const why = controller.signal.aborted ? `no answer within ${timeoutMs} ms` : describeError(error);
        return { outcomeOf: () => "again", message: why };
      } finally {
        cancel();
      }
    },
  };
}

function read(response: HttpResponse): Delivery {
  const { status } = response;
  if (status < 200 || status >= 300) {
    const outcome = outcomeOfFailure(response);
    const again = outcome.kind === "retry";
    const { message } = outcome;
    return { outcomeOf: () => (again ? "again" : "rejected"), afterMs: again ? outcome.afterMs : undefined, message };
  }
  const errors = status === 207 ? readEventErrors(response.body) : [];
  // Scores are idempotent by id: what may have been refused is sent again.
  if (errors === undefined) return { outcomeOf: () => "again", message: "HTTP 207 with an answer that cannot be read" };
  const byId = new Map(errors.map((error) => [error.id, error]));
  const [first] = errors;
  return {
    outcomeOf(eventId) {
      const error = byId.get(eventId);
      if (error === undefined) return "sent";
      return error.status === 429 || error.status >= 500 ? "again" : "rejected";
    },
    message: first && `a score was refused: HTTP ${first.status} ${first.text}`,
  };
}
