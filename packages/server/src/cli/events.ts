import type { ChangeEvent } from "../api/types.ts";
import type { ApiClient } from "./api-client.ts";

/** `null`: something was missed, everything is to be read anew. */
export type LiveChange = ChangeEvent | null;

/** How soon a lost stream is asked for again. */
const RETRY_MS = 1000;

/**
 * Calls `onChange` for each event of the server's live stream until `signal` aborts; goes on after the last one when the connection is
 * lost. Resolves when aborted.
 *
 * @throws {ApiError} when the first attempt fails.
 */
export async function follow(
  client: ApiClient,
  onChange: (change: LiveChange) => void,
  signal: AbortSignal,
  onOpen?: () => void,
): Promise<void> {
  let lastId: string | undefined;
  let isFirst = true;
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
      const answer = await client.fetch("/api/events", {}, { signal, headers });
      if (isFirst) onOpen?.();
      isFirst = false;
      for await (const block of readBlocks(answer)) {
        lastId = fieldOf(block, "id") ?? lastId;
        const data = fieldOf(block, "data");
        if (data === undefined) continue;
        onChange(fieldOf(block, "event") === "reset" ? null : (JSON.parse(data) as ChangeEvent));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isFirst) throw error;
    }
    await wait(RETRY_MS, signal);
  }
}

async function* readBlocks(answer: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    yield* blocks;
  }
}

function fieldOf(block: string, name: string): string | undefined {
  const line = block.split("\n").find((candidate) => candidate.startsWith(`${name}: `));
  return line?.slice(name.length + 2);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
