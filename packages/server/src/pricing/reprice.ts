import type { RepriceResponse } from "../api/settings.ts";
import type { Store } from "../store/store.ts";
import type { ProjectPrices } from "./project-prices.ts";

/** Traces looked at for each page of the list. */
const PAGE_SIZE = 200;

/**
 * Computes the costs of all that is stored anew, trace by trace, newest first. Costs that a sender gave stay. Reads and computes
 * outside of the writer, which then changes the costs alone: what comes in meanwhile is neither held up nor lost.
 *
 * @param onChanged called with the traces of each page that changed.
 */
export async function repriceProject(
  store: Store,
  prices: ProjectPrices,
  projectId: string,
  onChanged: (traceIds: string[]) => void,
): Promise<RepriceResponse> {
  const result: RepriceResponse = { traces: 0, observations: 0, changed: 0 };
  let cursor: string | undefined;
  do {
    const page = await store.listTraces(projectId, { limit: PAGE_SIZE, cursor });
    const changed: string[] = [];
    for (const { traceId } of page.data) {
      const rows = await store.readRows(projectId, traceId);
      const costs = await prices.recompute(projectId, rows);
      if (costs.length > 0) result.changed += await store.writeCosts(projectId, traceId, costs);
      if (costs.length > 0) changed.push(traceId);
      result.observations += rows.length;
    }
    result.traces += page.data.length;
    if (changed.length > 0) onChanged(changed);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return result;
}
