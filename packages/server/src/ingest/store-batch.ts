import { busy } from "../http/body.ts";
import { StoreBusyError, type WriteBatch } from "../store/store.ts";
import type { IngestContext } from "./context.ts";

/** Commits a batch and then tells the live streams. @throws {HttpError} 429 when the write queue is full. */
export async function storeBatch(ingest: IngestContext, projectId: string, batch: WriteBatch): Promise<void> {
  try {
    await ingest.store.writeBatch(projectId, {
      ...batch,
      scores: batch.scores.map((score) => ({ ...score, projectId })),
    });
  } catch (error) {
    if (error instanceof StoreBusyError) throw busy(error.message);
    throw error;
  }
  ingest.monitor.addObservations(batch.observations.length);
  const changed = new Set(batch.observations.map((observation) => observation.traceId));
  for (const score of batch.scores) if (score.traceId !== null) changed.add(score.traceId);
  for (const { link } of batch.media ?? []) if (link.traceId !== "") changed.add(link.traceId);
  ingest.bus.publish(projectId, changed);
}
