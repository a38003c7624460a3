import type { calcPrice as calcPriceOf, ModelPrice, PriceCalculationResult } from "@pydantic/genai-prices";
import type { StoredObservation } from "../model/observation.ts";
import { countTokens } from "../query/totals.ts";
import { priceKeysOf } from "./buckets.ts";

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
}

let table: Promise<PriceTable> | undefined;

/** Fills in the cost of what was called, used and not priced by its sender. The price library is loaded at the first such row. */
export async function addCosts(observations: readonly StoredObservation[]): Promise<void> {
  const unpriced = observations.filter((row) => row.cost === null && row.model !== null && row.usage !== null);
  if (unpriced.length === 0) return;
  table ??= loadPriceTable();
  const prices = await table;
  for (const row of unpriced) {
    if (row.model === null || row.usage === null) continue;
    row.cost = prices.price({ model: row.model, provider: row.provider, usage: row.usage, time: row.startTime });
    row.costSource = row.cost === null ? null : "computed";
  }
}

type CalcPrice = typeof calcPriceOf;

/** The prices that ship with `genai-prices`; nothing is fetched. */
export async function loadPriceTable(): Promise<PriceTable> {
  const { calcPrice } = await import("@pydantic/genai-prices");
  return new LibraryPriceTable(calcPrice);
}

/** Runtimes of one's own machine: a model name known elsewhere is not paid for here. */
const FREE_PROVIDERS = /^(ollama|lm[-_ ]?studio|vllm|llama[-_.]?cpp|llamafile|localai|sglang)\b/i;

/** Model look-ups kept; a process uses few. */
const MAX_CACHED_PRICES = 1000;
/** Some prices depend on the time of day: a look-up is good for this long. */
const SLOT_MS = 5 * 60 * 1000;

class LibraryPriceTable implements PriceTable {
  readonly #calcPrice: CalcPrice;
  readonly #cache = new Map<string, ModelPrice | null>();

  constructor(calcPrice: CalcPrice) {
    this.#calcPrice = calcPrice;
  }

  price(call: ModelCall): Record<string, number> | null {
    const modelPrice = this.#find(call);
    if (modelPrice === null) return null;
    const inputTokens = countTokens(call.usage).input;
    const cost: Record<string, number> = {};
    let total = 0;
    for (const [bucket, count] of Object.entries(call.usage)) {
      const perMillion = findPrice(modelPrice, priceKeysOf(bucket), inputTokens);
      if (perMillion === null) continue;
      cost[bucket] = (perMillion * count) / 1_000_000;
      total += cost[bucket];
    }
    if (Object.keys(cost).length === 0) return null;
    return { ...cost, total };
  }

  #find(call: ModelCall): ModelPrice | null {
    if (call.provider !== null && FREE_PROVIDERS.test(call.provider)) return null;
    const slot = Math.floor(call.time / SLOT_MS);
    const key = `${slot}\n${call.provider ?? ""}\n${call.model}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    if (this.#cache.size >= MAX_CACHED_PRICES) this.#cache.clear();
    const found = this.#lookUp(call)?.model_price ?? null;
    this.#cache.set(key, found);
    return found;
  }

  /** By provider and model; a provider the library does not know (a gateway, a stand-in) is left out of a second try. */
  #lookUp(call: ModelCall): PriceCalculationResult {
    const timestamp = new Date(call.time);
    const [vendor, name] = splitVendor(call.model);
    return (
      (call.provider === null ? null : this.#try(call.model, { providerId: call.provider, timestamp })) ??
      this.#try(call.model, { timestamp }) ??
      (name === null ? null : (this.#try(name, { providerId: vendor, timestamp }) ?? this.#try(name, { timestamp })))
    );
  }

  #try(model: string, options: { providerId?: string; timestamp: Date }): PriceCalculationResult {
    try {
      return this.#calcPrice({ input_tokens: 0 }, model, options);
    } catch {
      // The library throws on names and dates it cannot read: that is a model without a price.
      return null;
    }
  }
}

/** `openai/gpt-4o` → `["openai", "gpt-4o"]`: how gateways name models. */
function splitVendor(model: string): [vendor: string, name: string | null] {
  const slash = model.indexOf("/");
  return slash <= 0 ? [model, null] : [model.slice(0, slash), model.slice(slash + 1)];
}

/** A price may rise with the size of the prompt; the last tier that the prompt exceeds holds for the whole call. */
function findPrice(prices: ModelPrice, keys: readonly string[], inputTokens: number): number | null {
  for (const key of keys) {
    const price = prices[key];
    if (price === undefined) continue;
    if (typeof price === "number") return price;
    const tiers = price.tiers.toSorted((a, b) => a.start - b.start);
    return tiers.findLast((tier) => inputTokens > tier.start)?.price ?? price.base;
  }
  return null;
}
