import type { calcPrice as calcPriceOf, findProvider as findProviderOf, ModelPrice } from "@pydantic/genai-prices";
import type { StoredObservation } from "../model/observation.ts";
import { countTokens } from "../query/totals.ts";
import { priceKeysOf, unitOf } from "./buckets.ts";
import type { CompiledPrice } from "./custom.ts";
import { namesToTry } from "./model-name.ts";
import { readServiceTier, tierFactor, type ServiceTier } from "./service-tier.ts";
import { findSupplement } from "./supplement.ts";

/** Prices one model call: US dollars a bucket, with `total`; `null` when the model or all its buckets have no price. */
export interface PriceTable {
  price(call: ModelCall): Record<string, number> | null;
}

export interface ModelCall {
  model: string;
  provider: string | null;
  /** Disjoint buckets. */
  usage: Record<string, number>;
  /** Epoch milliseconds: prices change. */
  time: number;
  /** See {@link readServiceTier}. Default: served as any other. */
  tier?: ServiceTier | undefined;
}

let library: Promise<PriceTable> | undefined;

/**
 * Fills in the cost of what was called, used and not priced by its sender. The price library is loaded at the first such row.
 *
 * @param custom the project's own prices, which come first.
 */
export async function addCosts(
  observations: readonly StoredObservation[],
  custom: readonly CompiledPrice[] = [],
): Promise<void> {
  const unpriced = observations.filter((row) => row.cost === null && row.model !== null && row.usage !== null);
  if (unpriced.length === 0) return;
  const table = await pricesWith(custom);
  for (const row of unpriced) priceRow(row, table);
}

/** The library's prices, loaded once, behind a project's own. */
export async function pricesWith(custom: readonly CompiledPrice[]): Promise<PriceTable> {
  library ??= loadPriceTable();
  return withCustomPrices(await library, custom);
}

/** Computes a row's cost anew, unless its sender gave it. @returns true when it changed. */
export function priceRow(row: StoredObservation, table: PriceTable): boolean {
  if (row.costSource === "provided" || row.model === null || row.usage === null) return false;
  const { model, provider, usage, startTime: time } = row;
  const before = JSON.stringify(row.cost);
  row.cost = table.price({ model, provider, usage, time, tier: readServiceTier(row.payload) });
  row.costSource = row.cost === null ? null : "computed";
  return JSON.stringify(row.cost) !== before;
}

/** The project's own prices, and the table's where none of them names the model. */
export function withCustomPrices(table: PriceTable, custom: readonly CompiledPrice[]): PriceTable {
  if (custom.length === 0) return table;
  return {
    price(call) {
      const own = custom.find((price) => price.matches(call.provider, call.model));
      if (own === undefined) return table.price(call);
      return sumUp(call.usage, (bucket, count) => {
        const perMillion = own.priceOf(bucket);
        return perMillion === null ? null : (perMillion * count) / 1_000_000;
      });
    },
  };
}

/** The prices that ship with `genai-prices`; nothing is fetched. */
export async function loadPriceTable(): Promise<PriceTable> {
  const { calcPrice, findProvider } = await import("@pydantic/genai-prices");
  return new LibraryPriceTable(calcPrice, findProvider);
}

/** Runtimes of one's own machine: a model name known elsewhere is not paid for here. */
const FREE_PROVIDERS = /^(ollama|lm[-_ ]?studio|vllm|llama[-_.]?cpp|llamafile|localai|sglang)\b/i;

/** Model look-ups kept; a process uses few. */
const MAX_CACHED_PRICES = 1000;
/** Some prices depend on the time of day: a look-up is good for this long. */
const SLOT_MS = 5 * 60 * 1000;

interface FoundPrice {
  provider: string;
  model: string;
  prices: ModelPrice;
}

class LibraryPriceTable implements PriceTable {
  readonly #calcPrice: typeof calcPriceOf;
  readonly #findProvider: typeof findProviderOf;
  readonly #cache = new Map<string, FoundPrice | null>();

  constructor(calcPrice: typeof calcPriceOf, findProvider: typeof findProviderOf) {
    this.#calcPrice = calcPrice;
    this.#findProvider = findProvider;
  }

  price(call: ModelCall): Record<string, number> | null {
    const found = this.#find(call);
    if (found === null) return null;
    const factor = tierFactor(found.provider, found.model, call.tier ?? null);
    if (factor === null) return null;
    const { prices } = found;
    const tokens = countTokens(call.usage);
    // Embeddings are often counted by their total alone; where there is no price for output, all of it was input.
    const isInputOnly = tokens.input + tokens.output === 0 && tokens.total > 0 && prices["output_mtok"] === undefined;
    const usage = isInputOnly ? { input: tokens.total } : call.usage;
    const inputTokens = isInputOnly ? tokens.total : tokens.input;
    const cost = sumUp(usage, (bucket, count) => {
      const priced = findPrice(prices, priceKeysOf(bucket), inputTokens);
      if (priced === null) return null;
      const amount = (priced.price * count) / unitOf(priced.key);
      return priced.key.endsWith("_mtok") ? amount * factor : amount;
    });
    const perThousand = prices["requests_kcount"];
    if (cost !== null && typeof perThousand === "number") {
      cost["requests"] = perThousand / 1000;
      cost["total"] = (cost["total"] ?? 0) + cost["requests"];
    }
    return cost;
  }

  #find(call: ModelCall): FoundPrice | null {
    if (call.provider !== null && FREE_PROVIDERS.test(call.provider)) return null;
    const slot = Math.floor(call.time / SLOT_MS);
    const key = `${slot}\n${call.provider ?? ""}\n${call.model}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    if (this.#cache.size >= MAX_CACHED_PRICES) this.#cache.clear();
    const found = this.#lookUp(call);
    this.#cache.set(key, found);
    return found;
  }

  #lookUp(call: ModelCall): FoundPrice | null {
    const isKnown = (providerId: string): boolean => this.#findProvider({ providerId }) !== undefined;
    for (const { provider, model } of namesToTry(call.provider, call.model, isKnown)) {
      const supplement = findSupplement(provider, model);
      if (supplement !== null) return { provider: provider ?? "openai", model, prices: supplement };
      const found = this.#try(model, provider, new Date(call.time));
      if (found !== null) return found;
    }
    return null;
  }

  #try(model: string, providerId: string | null, timestamp: Date): FoundPrice | null {
    try {
      const options = providerId === null ? { timestamp } : { providerId, timestamp };
      const found = this.#calcPrice({ input_tokens: 0 }, model, options);
      return found === null ? null : { provider: found.provider.id, model, prices: found.model_price };
    } catch {
      // The library throws on names and dates it cannot read: that is a model without a price.
      return null;
    }
  }
}

function sumUp(
  usage: Record<string, number>,
  costOf: (bucket: string, count: number) => number | null,
): Record<string, number> | null {
  const cost: Record<string, number> = {};
  let total = 0;
  for (const [bucket, count] of Object.entries(usage)) {
    if (bucket === "total") continue;
    const amount = costOf(bucket, count);
    if (amount === null) continue;
    cost[bucket] = amount;
    total += amount;
  }
  return Object.keys(cost).length === 0 ? null : { ...cost, total };
}

/** A price may rise with the size of the prompt; the last tier that the prompt exceeds holds for the whole call. */
function findPrice(
  prices: ModelPrice,
  keys: readonly string[],
  inputTokens: number,
): { key: string; price: number } | null {
  for (const key of keys) {
    const price = prices[key];
    if (price === undefined) continue;
    if (typeof price === "number") return { key, price };
    const tiers = price.tiers.toSorted((a, b) => a.start - b.start);
    return { key, price: tiers.findLast((tier) => inputTokens > tier.start)?.price ?? price.base };
  }
  return null;
}
