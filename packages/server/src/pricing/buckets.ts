import { sideOfBucket } from "../query/totals.ts";

/** Price keys of `genai-prices`, the exact one first and what stands in for it after. */
const PRICE_KEYS: readonly (readonly [bucket: RegExp, priceKeys: readonly string[]])[] = [
  [/^(input_)?cache_(creation|write).*_1h$/, ["cache_write_1h_mtok", "cache_write_mtok", "input_mtok"]],
  [/^(input_)?cache_(creation|write)/, ["cache_write_mtok", "input_mtok"]],
  [/^input_(cached|cache_read)_audio/, ["cache_audio_read_mtok", "cache_read_mtok", "input_audio_mtok", "input_mtok"]],
  [/^(input_cached|input_cache_read|cache_read)/, ["cache_read_mtok", "input_mtok"]],
  [/^input_audio/, ["input_audio_mtok", "input_mtok"]],
  [/^input_image/, ["input_image_mtok", "input_mtok"]],
  [/^input_video/, ["input_video_mtok", "input_mtok"]],
  [/^(output_)?reasoning/, ["output_reasoning_mtok", "output_mtok"]],
  [/^output_audio/, ["output_audio_mtok", "output_mtok"]],
  [/^output_image/, ["output_image_mtok", "output_mtok"]],
];

/** For a bucket of tokens, the price keys to try in order; none for `total` and for what is not a token of either side. */
export function priceKeysOf(bucket: string): readonly string[] {
  if (bucket === "total") return [];
  const special = PRICE_KEYS.find(([pattern]) => pattern.test(bucket));
  if (special !== undefined) return special[1];
  const side = sideOfBucket(bucket);
  return side === null ? [] : [`${side}_mtok`];
}
