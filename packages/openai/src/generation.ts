import type { Observation, ObservationAttributes, Tracer } from "@spanwise/core";
import { claimedObservation, safely, whenLetGo } from "@spanwise/core/adapter";
import { describeError } from "./errors.ts";
import type { ObserveOpenAIOptions } from "./options.ts";
import type { DescribedRequest } from "./request.ts";
import type { DescribedResponse, Failure } from "./response.ts";
import type { Surface } from "./surface.ts";

export type Ending = "ok" | "cancelled" | "incomplete";

export interface EndDetails {
  /** Epoch milliseconds. Default: now. */
  endTime?: number | undefined;
  /** What is odd about a call that did not fail. */
  warning?: string | undefined;
}

/**
 * The record of one call. Where an outer adapter has claimed the call, its generation gets what only the client knows
 * (request id, first token, raw usage) and keeps its own output and end; otherwise the call is a generation of its own.
 */
export class Generation {
  readonly #observation: Observation;
  readonly #owned: boolean;
  readonly #captureOutput: boolean;
  #ended = false;
  #seenFirst = false;

  private constructor(observation: Observation, owned: boolean, captureOutput: boolean) {
    this.#observation = observation;
    this.#owned = owned;
    this.#captureOutput = captureOutput;
  }

  static start(
    tracer: Tracer,
    surface: Surface,
    request: DescribedRequest,
    provider: string,
    options: ObserveOpenAIOptions,
  ): Generation {
    const { name = surface.name, parent, trace, metadata, prompt, captureOutput = true } = options;
    const claimed = parent === undefined ? claimedObservation(tracer) : undefined;
    if (claimed) return new Generation(claimed, false, false);
    const observation = tracer.startObservation(
      name,
      {
        model: request.model,
        provider,
        modelParameters: request.modelParameters,
        metadata: { ...metadata, ...request.metadata },
        prompt,
        ...(request.input !== undefined && { input: request.input }),
      },
      { type: surface.type, parent, trace },
    );
    return new Generation(observation, true, captureOutput);
  }

  get recording(): boolean {
    return this.#observation.recording;
  }

  /** False where an outer adapter's generation is added to. */
  get owned(): boolean {
    return this.#owned;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Facts of the request: `requestId`, `httpStatus`, `retries`. Known before the end, so that an unfinished call has them too. */
  note(facts: Record<string, unknown>): void {
    if (!this.#ended) this.#observation.update({ metadata: facts });
  }

  /** What is known of an answer that is not complete, should nothing more come. */
  progress(response: DescribedResponse): void {
    if (!this.#ended) this.#observation.update(this.#partOf(response));
  }

  /** Asked for the same should the process end first. It must not refer to the stream. */
  whenLetGo(describe: () => DescribedResponse | undefined): void {
    whenLetGo(this.#observation, () => {
      const response = this.#ended ? undefined : describe();
      return response ? this.#partOf(response) : {};
    });
  }

  #partOf({ output, model, metadata }: DescribedResponse): ObservationAttributes {
    return {
      metadata,
      ...(this.#owned && model !== undefined && { model }),
      ...(this.#captureOutput && output !== undefined && { output }),
    };
  }

  get hasFirstToken(): boolean {
    return this.#seenFirst;
  }

  /** The first call counts. */
  firstToken(atMs: number): void {
    if (this.#ended || this.#seenFirst) return;
    this.#seenFirst = true;
    this.#observation.update({ completionStartTime: atMs });
  }

  /** `ok` stands for what the response says of itself, which may be that it failed. */
  end(status: Ending, response?: DescribedResponse, { endTime, warning }: EndDetails = {}): void {
    const failure = status === "ok" ? response?.failure : undefined;
    const outcome: ObservationAttributes = failure
      ? outcomeOf(failure)
      : status === "ok"
        ? {}
        : { status, level: "WARNING" };
    if (warning !== undefined) Object.assign(outcome, { level: "WARNING", statusMessage: warning });
    this.#finish(response, outcome, endTime);
  }

  fail(error: unknown, response?: DescribedResponse): void {
    const { aborted, message, metadata } = describeError(error);
    const outcome: ObservationAttributes = aborted
      ? { status: "cancelled", level: "WARNING", statusMessage: message }
      : { status: "error", level: "ERROR", statusMessage: message };
    this.#finish(response, { ...outcome, metadata });
  }

  #finish(response: DescribedResponse | undefined, outcome: ObservationAttributes, endTime?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    safely("end of an OpenAI generation", () => {
      const { output, model, usageDetails, costDetails, metadata }: DescribedResponse = response ?? { metadata: {} };
      const attributes: ObservationAttributes = {};
      if (usageDetails) attributes.usageDetails = usageDetails;
      if (costDetails) attributes.costDetails = costDetails;
      attributes.metadata = outcome.metadata ? { ...metadata, ...outcome.metadata } : metadata;
      if (!this.#owned) {
        this.#observation.update(attributes);
        return;
      }
      const { level, status: ending, statusMessage } = outcome;
      if (model !== undefined) attributes.model = model;
      if (level) attributes.level = level;
      if (ending) attributes.status = ending;
      if (statusMessage !== undefined) attributes.statusMessage = statusMessage;
      if (this.#captureOutput && output !== undefined) attributes.output = output;
      this.#observation.end(attributes, endTime === undefined ? undefined : { endTime });
    });
  }
}

function outcomeOf({ status, message, metadata }: Failure): ObservationAttributes {
  return { status, level: status === "error" ? "ERROR" : "WARNING", statusMessage: message, metadata };
}
