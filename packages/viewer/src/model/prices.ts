/** A price as it is typed: US dollars a million tokens, by bucket; empty fields are left out. */
export interface PriceFields {
  input: string;
  output: string;
  cached: string;
  cacheWrite: string;
}

const BUCKETS: Record<keyof PriceFields, string> = {
  input: "input",
  output: "output",
  cached: "input_cached_tokens",
  cacheWrite: "input_cache_creation",
};

export const PRICE_FIELDS: readonly { id: keyof PriceFields; label: string }[] = [
  { id: "input", label: "Input" },
  { id: "output", label: "Output" },
  { id: "cached", label: "Cached input" },
  { id: "cacheWrite", label: "Cache write" },
];

export const NO_PRICE: PriceFields = { input: "", output: "", cached: "", cacheWrite: "" };

/** `null` for what is not a price; buckets that are not typed stay as they were. */
export function readPrices(
  fields: PriceFields,
  before: Readonly<Record<string, number>> = {},
): Record<string, number> | null {
  const prices: Record<string, number> = { ...before };
  for (const { id } of PRICE_FIELDS) {
    const text = fields[id].trim();
    delete prices[BUCKETS[id]];
    if (text === "") continue;
    const price = Number(text);
    if (!Number.isFinite(price) || price < 0) return null;
    prices[BUCKETS[id]] = price;
  }
  return Object.keys(prices).length === 0 ? null : prices;
}

export function priceFields(prices: Readonly<Record<string, number>>): PriceFields {
  const text = (bucket: string): string => (prices[bucket] === undefined ? "" : String(prices[bucket]));
  return {
    input: text(BUCKETS.input),
    output: text(BUCKETS.output),
    cached: text(BUCKETS.cached),
    cacheWrite: text(BUCKETS.cacheWrite),
  };
}
