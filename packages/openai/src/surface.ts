import type { DescribedRequest } from "./request.ts";
import type { DescribedResponse, Failure } from "./response.ts";

/** One method of the API that is recorded: how its request, answer and stream are read. Pure: it never sees tracer or client. */
export interface Surface {
  /** The observation's default name: `chat.completions`, `responses`, `embeddings`, `images.generate`, ... */
  readonly name: string;
  readonly type: "generation" | "embedding";
  /** Streams send their usage only to those who ask with `stream_options.include_usage`. */
  readonly usageOnWish?: true;
  /** `body` is what the caller gave. Nothing is copied: the tracer captures what it is given. */
  describeRequest(body: unknown, captureInput: boolean): DescribedRequest;
  /** `result` is what the caller's own `await` gives: a parsed body, a string, a `Response` of a binary answer, which is not read. */
  describeResult(result: unknown): DescribedResponse;
  /** Absent where the method does not stream: of what can be iterated then nothing is recorded but that it came. */
  createStream?(): StreamAccumulator;
}

/** Folds the chunks of one stream. Bounded: holds O(output), and never a chunk, which is the caller's. */
export interface StreamAccumulator {
  accept(chunk: unknown): void;
  /** Whether a chunk carries something generated: text, tool call, reasoning, refusal, audio, image. A role is not. */
  isVisible(chunk: unknown): boolean;
  /** What has come so far. */
  describe(): DescribedResponse;
  /** The provider has said that the answer is complete. */
  readonly finished: boolean;
  /** The provider has said that the answer failed or was cut short. */
  readonly failure?: Failure | undefined;
  /** The chunk was the last that matters and holds the whole answer: it is described and recorded at once, so that it need not be copied. */
  readonly isLast?: boolean;
}
