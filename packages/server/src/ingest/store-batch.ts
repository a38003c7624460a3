import { busy } from "../http/body.ts";
import { StoreBusyError, type WriteBatch } from "../store/store.ts";
import type { IngestContext } from "./context.ts";

/**
 * Commits a batch and then tells the live streams. While the commit is waited for, nothing here holds the batch: the store has it as bytes, and
 * its rows would only be moved about by each collection of garbage.
 *
 * @throws {HttpError} 429 when the write queue is full.
 */
export function storeBatch(ingest: IngestContext, projectId: string, batch: WriteBatch): Promise<void> {
  const changed = new Set(batch.observations.map((observation) => observation.traceId));
  for (const score of batch.scores) if (score.traceId !== null) changed.add(score.traceId);
  for (const { link } of batch.media ?? []) if (link.traceId !== "") changed.add(link.traceId);
  const observations = batch.observations.length;
  const scores = batch.scores.map((score) => ({ ...score, projectId }));
  const committed = ingest.store.writeBatch(projectId, { ...batch, scores });
  return tellWhenCommitted(ingest, projectId, committed, { changed, observations });
}

async function tellWhenCommitted(
  ingest: IngestContext,
  projectId: string,
  committed: Promise<void>,
  { changed, observations }: { changed: Set<string>; observations: number },
): Promise<void> {
  try {
    await committed;
  } catch (error) {
    if (error instanceof StoreBusyError) throw busy(error.message);
    throw error;
  }
  ingest.monitor.addObservations(observations);
  ingest.bus.publish(projectId, changed);
}
