import type { ObservationRecord, ScoreRecord } from "../model/record.ts";
import { emptyStats, type Destination, type Exporter } from "../pipeline/destination.ts";
import type { Media } from "../serialize/media.ts";
import type { Receipt } from "../pipeline/ledger.ts";

export interface MemoryExporter extends Exporter {
  /** Ended observations in the order they ended. */
  readonly observations: readonly ObservationRecord[];
  readonly scores: readonly ScoreRecord[];
  /** Attachments by id. */
  readonly media: ReadonlyMap<string, Media>;
  clear(): void;
}

/** Keeps records in memory, for tests. Await `flush()` before reading. */
export function memory(): MemoryExporter {
  const observations: ObservationRecord[] = [];
  const scores: ScoreRecord[] = [];
  const media = new Map<string, Media>();
  let sent = 0;
  const take = <R>(list: R[], record: R, receipt: Receipt): void => {
    list.push(record);
    sent++;
    receipt.accept();
  };
  const destination: Destination = {
    name: "memory",
    live: false,
    isFailing: false,
    pushObservation: (record, receipt) => take(observations, record, receipt),
    pushScore: (record, receipt) => take(scores, record, receipt),
    pushStart: () => {},
    pushMedia: (item) => void media.set(item.id, item),
    flush: async () => {},
    close: () => {},
    stats: () => ({ ...emptyStats("memory"), sent }),
  };
  return {
    name: "memory",
    host: undefined,
    observations,
    scores,
    media,
    clear: () => {
      media.clear();
      observations.length = 0;
      scores.length = 0;
    },
    connect: () => destination,
  };
}
