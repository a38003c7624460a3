import { sideOfBucket } from "../query/totals.ts";

/** Price keys of `genai-prices`, the exact one first and what stands in for it after. */
const PRICE_KEYS: readonly (readonly [bucket: RegExp, priceKeys: readonly string[]])[] = [
  // Anthropic's two cache lifetimes: `input_cache_creation_1h`, `cache_creation_ephemeral_1h_input_tokens`, ...
  [/(cache_(creation|write)|ephemeral).*1h/, ["cache_write_1h_mtok", "cache_write_mtok", "input_mtok"]],
  [/(cache_(creation|write)|ephemeral).*5m/, ["cache_write_5m_mtok", "cache_write_mtok", "input_mtok"]],
  [/^(input_)?cache_(creation|write)/, ["cache_write_mtok", "input_mtok"]],
  [/^input_(cached|cache_read)_audio/, ["cache_audio_read_mtok", "cache_read_mtok", "input_audio_mtok", "input_mtok"]],
  [/^input_(cached|cache_read)_image/, ["cache_image_read_mtok", "cache_read_mtok", "input_image_mtok", "input_mtok"]],
  [/^(input_cached|input_cache_read|cache_read|cached_)/, ["cache_read_mtok", "input_mtok"]],
  [/^input_audio_seconds|^audio_seconds|^input_seconds/, ["input_audio_hours", "audio_hours"]],
  [/^input_audio/, ["input_audio_mtok", "input_mtok"]],
  [/^input_image/, ["input_image_mtok", "input_mtok"]],
  [/^input_video/, ["input_video_mtok", "input_mtok"]],
  [/^(output_)?reasoning/, ["output_reasoning_mtok", "output_mtok"]],
  [/^output_audio/, ["output_audio_mtok", "output_mtok"]],
  [/^output_image/, ["output_image_mtok", "output_mtok"]],
  [/^output_video/, ["output_video_mtok", "output_mtok"]],
  [/web_search/, ["web_searches_kcount"]],
];

/** For a usage bucket, the price keys to try in order; none for `total` and for what belongs to neither side. */
export function priceKeysOf(bucket: string): readonly string[] {
  if (bucket === "total") return [];
  const special = PRICE_KEYS.find(([pattern]) => pattern.test(bucket));
  if (special !== undefined) return special[1];
  const side = sideOfBucket(bucket);
  return side === null ? [] : [`${side}_mtok`];
}

/** How many of a bucket's units a price key's price is for; `genai-prices` puts the unit at the end of the name. */
const UNITS: readonly (readonly [suffix: string, per: number])[] = [
  ["_mtok", 1_000_000],
  ["_kcount", 1000],
  // Buckets count seconds.
  ["_hours", 3600],
];

export function unitOf(priceKey: string): number {
  return UNITS.find(([suffix]) => priceKey.endsWith(suffix))?.[1] ?? 1_000_000;
}
