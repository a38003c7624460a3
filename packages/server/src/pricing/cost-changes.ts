import type { StoredObservation } from "../model/observation.ts";
import type { ComputedCost } from "../store/prices.ts";

/** The rows with their new cost; those whose sender gave one are left out. */
export function costChanges(stored: readonly StoredObservation[], costs: readonly ComputedCost[]): StoredObservation[] {
  const byId = new Map(costs.map(({ id, cost }) => [id, cost]));
  return stored.flatMap((row) => {
    const cost = byId.get(row.id);
    if (cost === undefined || row.costSource === "provided") return [];
    return [{ ...row, cost, costSource: cost === null ? null : "computed" }];
  });
}
