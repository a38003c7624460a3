import type { Context } from "hono";
import { projectOf } from "../http/project.ts";
import { findMediaReferences } from "../media/references.ts";
import type { MediaRoutes } from "../media/routes.ts";
import type { StoredDatasetItem } from "../model/dataset.ts";
import type { Store } from "../store/store.ts";

const FIELDS = ["input", "expectedOutput", "metadata"] as const;

/** The media that an item names and that are here, each with an address to fetch it from. */
export async function describeItemMedia(
  context: Context,
  { store, media }: { store: Store; media: MediaRoutes },
  item: StoredDatasetItem,
): Promise<object[]> {
  const projectId = projectOf(context);
  const references: object[] = [];
  for (const field of FIELDS) {
    for (const { referenceString, mediaId, jsonPath } of findMediaReferences(item[field])) {
      const info = await store.getMedia(projectId, mediaId);
      if (info === null) continue;
      const { contentType, contentLength } = info;
      const address = media.addressOf(context, projectId, mediaId);
      references.push({
        field,
        referenceString,
        jsonPath,
        media: { mediaId, contentType, contentLength, ...address },
      });
    }
  }
  return references;
}
