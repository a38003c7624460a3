import type { StoredObservation } from "../model/observation.ts";
import type { ComputedCost, PriceReads } from "../store/prices.ts";
import type { CustomPrice } from "../api/settings.ts";
import { compilePrices } from "./custom.ts";
import { addCosts, priceRow, pricesWith } from "./price.ts";

/** How long another process's change of a project's prices may go unseen. */
const REFRESH_MS = 10_000;

interface CachedPrices {
  readAt: number;
  prices: Promise<readonly CustomPrice[]>;
}

/** A project's own prices, as rows are priced when they come in: by these, then by the library's. */
export class ProjectPrices {
  readonly #store: PriceReads;
  readonly #cache = new Map<string, CachedPrices>();

  constructor(store: PriceReads) {
    this.#store = store;
  }

  /** As the project has them; see {@link pricerOf}. */
  customOf(projectId: string): Promise<readonly CustomPrice[]> {
    const cached = this.#cache.get(projectId);
    if (cached !== undefined && Date.now() - cached.readAt < REFRESH_MS) return cached.prices;
    const prices = this.#store.listPrices(projectId);
    this.#cache.set(projectId, { readAt: Date.now(), prices });
    prices.catch(() => this.#cache.delete(projectId));
    return prices;
  }

  /** Fills in the cost of rows whose sender gave none. */
  async addCosts(projectId: string, observations: readonly StoredObservation[]): Promise<void> {
    if (!observations.some((row) => row.cost === null && row.model !== null && row.usage !== null)) return;
    await addCosts(observations, compilePrices(await this.customOf(projectId)));
  }

  /** The costs that differ from the rows' present ones. The rows are changed too. */
  async recompute(projectId: string, rows: readonly StoredObservation[]): Promise<ComputedCost[]> {
    if (!rows.some((row) => row.model !== null && row.usage !== null)) return [];
    const table = await pricesWith(compilePrices(await this.customOf(projectId)));
    return rows.filter((row) => priceRow(row, table)).map(({ id, cost }) => ({ id, cost }));
  }

  /** Call it when a price was added or removed. */
  forget(projectId: string): void {
    this.#cache.delete(projectId);
  }
}

/** @returns what fills in a row's cost where its sender gave none. */
export async function pricerOf(custom: readonly CustomPrice[]): Promise<(row: StoredObservation) => void> {
  const table = await pricesWith(compilePrices(custom));
  return (row) => {
    if (row.cost === null) priceRow(row, table);
  };
}
