import { matchesGlob } from "../search/glob.ts";
import type { CustomPrice } from "../api/settings.ts";
import { priceKeysOf } from "./buckets.ts";
import { normalizeProvider } from "./model-name.ts";

/** A project's own price of a model, ready to be looked up by usage bucket. */
export interface CompiledPrice {
  matches(provider: string | null, model: string): boolean;
  /** US dollars a million; `null` where it has none for the bucket or what stands in for it. */
  priceOf(bucket: string): number | null;
}

/**
 * The most exact first: one that names the provider, then the one with more characters of the model's name, then the newer.
 * The first that matches is the model's price as a whole: nothing is filled in from the price library.
 */
export function compilePrices(prices: readonly CustomPrice[]): CompiledPrice[] {
  return prices
    .toSorted(
      (a, b) =>
        Number(b.provider !== null) - Number(a.provider !== null) ||
        literalLength(b.match) - literalLength(a.match) ||
        b.createdAt - a.createdAt,
    )
    .map(compile);
}

function compile(price: CustomPrice): CompiledPrice {
  const parts = price.match.toLowerCase().split("*");
  const provider = price.provider === null ? null : normalizeProvider(price.provider);
  // The same bucket goes by many names: what is given for one holds for all.
  const byKey = new Map<string, number>();
  for (const [bucket, perMillion] of Object.entries(price.prices)) {
    const key = priceKeysOf(bucket)[0];
    if (key !== undefined) byKey.set(key, perMillion);
  }
  return {
    matches: (given, model) =>
      (provider === null || (given !== null && normalizeProvider(given) === provider)) &&
      matchesGlob(parts, model.toLowerCase()),
    priceOf(bucket) {
      if (Object.hasOwn(price.prices, bucket)) return price.prices[bucket] ?? null;
      for (const key of priceKeysOf(bucket)) {
        const perMillion = byKey.get(key);
        if (perMillion !== undefined) return perMillion;
      }
      return null;
    },
  };
}

function literalLength(glob: string): number {
  return glob.replaceAll("*", "").length;
}
