import type { Score } from "../../src/api/types.ts";
import type { MediaLink, MediaWrite } from "../../src/model/media.ts";
import { RECORD_RANK, type StoredObservation } from "../../src/model/observation.ts";
import type { Store, WriteBatch } from "../../src/store/store.ts";

export const P = "default";
export const T0 = 1_795_000_000_000;

export function hexId(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}

export function observation(change: Partial<StoredObservation> = {}): StoredObservation {
  return {
    traceId: hexId(1, 32),
    id: hexId(1, 16),
    parentId: null,
    isRoot: true,
    type: "span",
    name: "root",
    startTime: T0,
    endTime: T0 + 10,
    completionStartTime: null,
    level: "DEFAULT",
    status: "ok",
    statusMessage: null,
    rank: RECORD_RANK.end,
    model: null,
    provider: null,
    usage: null,
    cost: null,
    costSource: null,
    usageAggregate: false,
    promptName: null,
    promptVersion: null,
    traceName: null,
    userId: null,
    sessionId: null,
    tags: null,
    environment: null,
    release: null,
    version: null,
    public: null,
    instanceId: null,
    scopeName: null,
    scopeVersion: null,
    inputPreview: null,
    outputPreview: null,
    fieldOrders: null,
    ...change,
    payload: {
      input: null,
      output: null,
      metadata: null,
      modelParameters: null,
      traceMetadata: null,
      attributes: null,
      resource: null,
      events: null,
      span: null,
      ...change.payload,
    },
  };
}

export function batch(observations: StoredObservation[], scores: Score[] = []): WriteBatch {
  return { observations, scores, bytes: 1000 * observations.length };
}

export function score(change: Partial<Score> = {}): Score {
  return {
    id: "s1",
    projectId: P,
    name: "helpful",
    dataType: "NUMERIC",
    value: 1,
    stringValue: null,
    source: "API",
    comment: null,
    metadata: null,
    traceId: hexId(1, 32),
    observationId: null,
    sessionId: null,
    timestamp: T0,
    environment: null,
    configId: null,
    queueId: null,
    authorUserId: null,
    datasetRunId: null,
    createdAt: null,
    updatedAt: null,
    ...change,
  };
}

export function payload(input: string): StoredObservation["payload"] {
  return { ...observation().payload, input };
}

export function mediaWrite(id: string, bytes: Uint8Array | null, change: Partial<MediaLink> = {}): MediaWrite {
  const link: MediaLink = {
    mediaId: id,
    traceId: hexId(1, 32),
    observationId: hexId(1, 16),
    field: "input",
    ...change,
  };
  if (bytes === null) return { link, content: null };
  const info = { id, contentType: "image/png", contentLength: bytes.byteLength, sha256: `${id}+/=`, uploadedAt: T0 };
  return { link, content: { info, bytes } };
}

/** A fresh, empty store for one test. */
export type WithStore = (use: (store: Store) => Promise<void>) => Promise<void>;
