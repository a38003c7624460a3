export { createClient } from "./client.ts";
export {
  ApiError,
  NetworkError,
  NotFoundError,
  RateLimitedError,
  TimeoutError,
  UnauthorizedError,
  isApiError,
} from "./errors.ts";
export { SpanwiseConfigError } from "../errors.ts";
export { createTraceId } from "../model/ids.ts";

export type { AddToDatasetOptions, DatasetSource } from "./add-to-dataset.ts";
export type { Client, ClientOptions, ClientStats, ScoreClient, ScoreClientOptions } from "./client.ts";
export type {
  DatasetItemListOptions,
  DatasetItems,
  DatasetRunItemListOptions,
  DatasetRunItems,
  DatasetRuns,
  Datasets,
  RequestOptions,
} from "./datasets.ts";
export type { Credentials } from "./endpoint.ts";
export type { ApiErrorCode } from "./errors.ts";
export type { ListOptions, Listing, Page } from "./listing.ts";
export type { ObservationListOptions, Observations } from "./observations.ts";
export type { ScoreDropReason, ScoreStats } from "./score-queue.ts";
export type { ScoreListOptions, Scores } from "./scores.ts";
export type { TraceListOptions, Traces } from "./traces.ts";
export type * from "./types.ts";
export type { ScoreDataType, ScoreInput, ScoreTarget } from "../model/types.ts";
export type { Mask, MaskRecord } from "../serialize/mask.ts";
export type { FlushOptions, FlushResult } from "../tracer/api.ts";
