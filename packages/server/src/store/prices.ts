import type { CustomPrice } from "../api/settings.ts";

/** A row's cost, computed anew. */
export interface ComputedCost {
  id: string;
  cost: Record<string, number> | null;
}

export interface PriceReads {
  /** A project's own prices, newest first. */
  listPrices(projectId: string): Promise<CustomPrice[]>;
}

export interface PriceWrites {
  /** The same id again replaces. */
  writePrice(projectId: string, price: CustomPrice): Promise<void>;
  /** @returns false when there is no such price. */
  deletePrice(projectId: string, id: string): Promise<boolean>;
  /**
   * Replaces the cost of rows of one trace and nothing else of them; those whose sender gave the cost are left alone.
   *
   * @returns how many rows were there to be changed.
   */
  writeCosts(projectId: string, traceId: string, costs: readonly ComputedCost[]): Promise<number>;
}
