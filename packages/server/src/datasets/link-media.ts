import type { IngestContext } from "../ingest/context.ts";
import { storeBatch } from "../ingest/store-batch.ts";
import { findMediaReferences } from "../media/references.ts";
import type { StoredDatasetItem } from "../model/dataset.ts";
import type { MediaWrite } from "../model/media.ts";

const FIELDS = ["input", "expectedOutput", "metadata"] as const;
/** What a link takes in the write queue, roughly. */
const LINK_BYTES = 256;

/** Notes which media items name, so that these stay when the trace they came with is deleted. */
export async function linkItemMedia(
  ingest: IngestContext,
  projectId: string,
  items: readonly StoredDatasetItem[],
): Promise<void> {
  const media = items.flatMap((item) =>
    FIELDS.flatMap((field) =>
      findMediaReferences(item[field]).map(({ mediaId }): MediaWrite => ({
        link: { mediaId, traceId: "", observationId: item.id, field },
        content: null,
      })),
    ),
  );
  if (media.length === 0) return;
  await storeBatch(ingest, projectId, { observations: [], scores: [], media, bytes: media.length * LINK_BYTES });
}
