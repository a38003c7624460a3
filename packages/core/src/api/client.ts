import { log } from "../log.ts";
import { SpanwiseConfigError } from "../errors.ts";
import { createTraceIdRandom } from "../model/ids.ts";
import type { ScoreRecord } from "../model/record.ts";
import type { ScoreInput, ScoreTarget } from "../model/types.ts";
import { applyMask, type Mask } from "../serialize/mask.ts";
import { maskViews, maskedScore } from "../serialize/mask-views.ts";
import type { FlushOptions, FlushResult } from "../tracer/api.ts";
import { toScoreRecord } from "../tracer/score.ts";
import { environmentOf } from "../util/env.ts";
import { toText } from "../util/text.ts";
import { timeoutOf } from "../util/timers.ts";
import { addToDataset, type AddToDatasetOptions, type DatasetSource } from "./add-to-dataset.ts";
import {
  createDatasetItems,
  createDatasetRunItems,
  createDatasetRuns,
  createDatasets,
  type DatasetItems,
  type DatasetRunItems,
  type DatasetRuns,
  type Datasets,
} from "./datasets.ts";
import { resolveEndpoint, type Credentials } from "./endpoint.ts";
import { HttpClient } from "./http-client.ts";
import { createObservations, type Observations } from "./observations.ts";
import { ScoreQueue, type ScoreStats } from "./score-queue.ts";
import { createScoreSender } from "./score-sender.ts";
import { createScores, type Scores } from "./scores.ts";
import { createTraces, type Traces } from "./traces.ts";
import type { DatasetItem } from "./types.ts";

export interface ClientOptions extends Credentials {
  /** Used for every request in place of the platform's own. */
  fetch?: typeof fetch | undefined;
  /** Milliseconds for one attempt. Default 10 000. */
  timeoutMs?: number | undefined;
  /** Further attempts of a request that may be repeated. Default 3; 0 for none. */
  retries?: number | undefined;
  /** Of the scores. Default `SPANWISE_ENVIRONMENT`, `LANGFUSE_TRACING_ENVIRONMENT`, then `default`. */
  environment?: string | undefined;
  /** Gets a private copy of every score before it is queued or sent; see `docs/masking.md`. */
  mask?: Mask | undefined;
}

export interface ClientStats {
  /** HTTP requests of the request/response calls, with retries. */
  requests: number;
  retried: number;
  /** Scores given to `score()`. */
  scores: ScoreStats;
}

/** What a `publicKey` alone allows, in browsers for instance. */
export interface ScoreClient {
  /**
   * Queues a score and returns its id. Never throws; sent soon, and when the page goes or the process ends. The same `id`
   * given again updates the score.
   */
  score(score: ScoreInput & ScoreTarget): string;
  readonly scores: Pick<Scores, "create">;
  /** Sends all queued scores. Resolves with what became of those given before the call; never rejects. */
  flush(options?: FlushOptions): Promise<FlushResult>;
  /** Flushes, then takes no more scores. */
  close(options?: FlushOptions): Promise<FlushResult>;
  stats(): ClientStats;
}

/** Requests to a Spanwise or Langfuse server. Rejections are `ApiError`s, or the reason of an aborted signal. */
export interface Client extends ScoreClient {
  readonly datasets: Datasets;
  readonly datasetItems: DatasetItems;
  readonly datasetRuns: DatasetRuns;
  readonly datasetRunItems: DatasetRunItems;
  readonly scores: Scores;
  readonly traces: Traces;
  readonly observations: Observations;
  /** Makes a dataset item from an observation. @throws NotFoundError for a dataset that does not exist. */
  addToDataset(source: DatasetSource, options: AddToDatasetOptions): Promise<DatasetItem>;
}

/** With a public key and no secret key. */
export type ScoreClientOptions = ClientOptions & { publicKey: string; secretKey?: undefined };

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_RETRIES = 3;

/**
 * Reads and writes datasets, scores and traces of a Spanwise server or of Langfuse. URL and keys come from the options or
 * from one family of variables, as for `init`; with a `publicKey` alone only scores can be sent.
 *
 * @throws SpanwiseConfigError when no backend is named, or for a `secretKey` in a browser.
 * @example
 * const client = createClient({ baseUrl: "http://localhost:4777" });
 * await client.datasets.create({ name: "questions" });
 * await client.addToDataset(observation, { dataset: "questions", expectedOutput: "42" });
 */
export function createClient(options: ScoreClientOptions): ScoreClient;
export function createClient(options?: ClientOptions): Client;
export function createClient(options: ClientOptions = {}): Client {
  const endpoint = resolveEndpoint(options);
  const timeoutMs = atLeast(1, "timeoutMs", options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const retries = atLeast(0, "retries", options.retries ?? DEFAULT_RETRIES);
  const http = new HttpClient(endpoint, { timeoutMs, retries, fetch: options.fetch });
  const queue = new ScoreQueue(createScoreSender(endpoint, { timeoutMs, fetch: options.fetch }));
  const environment = environmentOf(options.environment);
  const { mask } = options;
  const masked = (record: ScoreRecord): ScoreRecord | Promise<ScoreRecord> => {
    if (mask === undefined) return record;
    return applyMask(
      mask,
      () => maskViews.score(record),
      (view) => maskedScore(record, view),
      () => {
        queue.stats.maskFailed++;
        // Not what it threw, which may quote what it was to hide.
        log.warn("mask failed");
      },
    );
  };
  const datasetItems = createDatasetItems(http);
  const observations = createObservations(http);
  const scores = createScores(http, environment, masked);
  return {
    datasets: createDatasets(http),
    datasetItems,
    datasetRuns: createDatasetRuns(http),
    datasetRunItems: createDatasetRunItems(http),
    scores,
    observations,
    traces: createTraces(http, scores),
    addToDataset: (source, given) => addToDataset(datasetItems, observations, source, given),
    score(score) {
      let id = createTraceIdRandom();
      try {
        id = toText(score.id) || id;
        const record = toScoreRecord({ ...score, id }, score, environment);
        if ("invalid" in record) log.warn(record.invalid);
        queue.add("invalid" in record ? undefined : masked(record));
      } catch (error) {
        // A getter of the caller's that throws, or no score at all.
        log.warn("a score could not be read", error);
        queue.add(undefined);
      }
      return id;
    },
    flush: (given) => queue.flush(timeoutOf(given) ?? timeoutMs),
    close: (given) => queue.close(timeoutOf(given) ?? timeoutMs),
    stats: () => ({ ...http.stats, scores: { ...queue.stats, dropped: { ...queue.stats.dropped } } }),
  };
}

function atLeast(least: number, name: string, value: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new SpanwiseConfigError(`createClient: ${name} must be a number of at least ${least}, got ${String(value)}`);
}
