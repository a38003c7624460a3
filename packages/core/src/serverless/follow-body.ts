export type BodyEnd = { kind: "read" } | { kind: "cancelled" } | { kind: "failed"; error: unknown };

/**
 * The same answer with a body that tells when it has been read, has failed, or is not wanted any more. Chunks pass one for
 * one, when they are asked for. `undefined` for what ends with the handler: no body, JSON, a length that is known, and what
 * is more than a plain `Response`.
 */
export function followBody(
  answer: unknown,
  signal: AbortSignal | undefined,
): { answer: Response; ended: Promise<BodyEnd> } | undefined {
  if (!isStream(answer)) return undefined;
  let end!: (how: BodyEnd) => void;
  const ended = new Promise<BodyEnd>((resolve) => (end = resolve));
  // A runtime may forget a stream that nobody reads any more; of the request it tells.
  signal?.addEventListener("abort", () => end({ kind: "cancelled" }), { once: true });
  const reader = answer.body.getReader();
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      const { done, value } = await reader.read();
      if (!done) {
        controller.enqueue(value);
        return;
      }
      controller.close();
      end({ kind: "read" });
    } catch (error) {
      controller.error(error);
      end({ kind: "failed", error });
    }
  };
  const cancel = (reason: unknown): Promise<void> => {
    end({ kind: "cancelled" });
    return reader.cancel(reason);
  };
  const body = new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 });
  return { answer: new Response(body, answer), ended };
}

function isStream(answer: unknown): answer is Response & { body: ReadableStream<Uint8Array> } {
  if (typeof Response === "undefined" || Object.getPrototypeOf(answer ?? {}) !== Response.prototype) return false;
  const { body, headers, status } = answer as Response;
  if (!body || body.locked || status < 200) return false;
  if (headers.has("content-length") || headers.has("content-encoding")) return false;
  return !/^application\/([\w.-]+\+)?json\b/i.test(headers.get("content-type") ?? "");
}
