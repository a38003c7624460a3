import { createTraceId } from "../model/ids.ts";
import type { DatasetItems, RequestOptions } from "./datasets.ts";
import { NotFoundError } from "./errors.ts";
import type { Observations } from "./observations.ts";
import type { DatasetItem, DatasetItemStatus, StoredObservation } from "./types.ts";

/** What a dataset item is made from: a handle of the tracer, an observation read back, or its two ids. */
export type DatasetSource = { traceId: string } & ({ id: string } | { observationId: string }) & { input?: unknown };

export interface AddToDatasetOptions extends RequestOptions {
  /** The dataset's name. It must exist. */
  dataset: string;
  /** Default: the observation's own input, read from the backend. */
  input?: unknown;
  expectedOutput?: unknown;
  metadata?: unknown;
  status?: DatasetItemStatus | undefined;
  /** Default: made from the dataset and the observation, so that the same observation added twice is one item. */
  id?: string | undefined;
}

export async function addToDataset(
  items: DatasetItems,
  observations: Observations,
  source: DatasetSource,
  { dataset, signal, ...options }: AddToDatasetOptions,
): Promise<DatasetItem> {
  const { traceId } = source;
  const observationId = "observationId" in source ? source.observationId : source.id;
  const input = options.input ?? source.input ?? (await find(observations, traceId, observationId, signal)).input;
  return items.create(
    {
      datasetName: dataset,
      id: options.id ?? (await createTraceId(JSON.stringify([dataset, traceId, observationId]))),
      input,
      expectedOutput: options.expectedOutput,
      metadata: options.metadata,
      sourceTraceId: traceId,
      sourceObservationId: observationId,
      status: options.status,
    },
    { signal },
  );
}

async function find(
  observations: Observations,
  traceId: string,
  observationId: string,
  signal: AbortSignal | undefined,
): Promise<StoredObservation> {
  for await (const observation of observations.list({ traceId, limit: 100, signal })) {
    if (observation.id === observationId) return observation;
  }
  throw new NotFoundError(
    `addToDataset: the backend has no observation ${observationId} of trace ${traceId} (yet): flush() and wait until it is stored, or pass its input`,
    { code: "NOT_FOUND" },
  );
}
