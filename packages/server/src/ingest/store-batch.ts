import type { StoredObservation } from "../model/observation.ts";
import type { WriteBatch } from "../store/store.ts";
import { MAX_TOLD_TRACES } from "../live/bus.ts";
import type { IngestContext } from "./context.ts";

/** What the live streams are told of a batch. */
export interface Stored {
  observations: number;
  /** Of what changed; with `null` for those beyond {@link MAX_TOLD_TRACES}. */
  traceIds: Set<string | null>;
}

/**
 * Commits a batch and then tells the live streams. While the commit is waited for, nothing here holds its rows.
 *
 * @throws {StoreBusyError}
 */
export function storeBatch(ingest: IngestContext, projectId: string, batch: WriteBatch): Promise<void> {
  const { noted, readStored } = note(batch);
  const committed = ingest.store.writeBatch(projectId, noted);
  return tellWhenCommitted(ingest, projectId, committed, readStored());
}

/** @returns the batch, and what is stored of it once its rows are read. */
export function note({ observations, ...batch }: WriteBatch): { noted: WriteBatch; readStored: () => Stored } {
  const stored: Stored = { observations: 0, traceIds: new Set() };
  return {
    noted: { ...batch, observations: noting(observations, stored) },
    readStored() {
      for (const { link } of batch.media ?? []) if (link.traceId !== "") addTrace(stored, link.traceId);
      for (const { traceId } of batch.scores) if (traceId !== null) addTrace(stored, traceId);
      return stored;
    },
  };
}

function* noting(observations: Iterable<StoredObservation>, stored: Stored): Iterable<StoredObservation> {
  for (const observation of observations) {
    stored.observations += 1;
    addTrace(stored, observation.traceId);
    yield observation;
  }
}

function addTrace({ traceIds }: Stored, traceId: string): void {
  traceIds.add(traceIds.size < MAX_TOLD_TRACES ? traceId : null);
}

/** @throws what `committed` rejects with. */
export async function tellWhenCommitted(
  ingest: Pick<IngestContext, "monitor" | "bus">,
  projectId: string,
  committed: Promise<void>,
  stored: Stored,
): Promise<void> {
  await committed;
  ingest.monitor.addObservations(stored.observations);
  ingest.bus.publish(projectId, stored.traceIds);
}
