export { maskWith } from "./mask-with.ts";
export { rule } from "./rule.ts";
export { DEFAULT_KEYS, keys } from "./keys.ts";
export { cards, phones } from "./number-rules.ts";
export { apiKeys, bearerTokens, emails, urlPasswords } from "./text-rules.ts";
export { MASK_FAILED, MASK_TIMEOUT_MS } from "../serialize/mask.ts";

export type { KeysOptions } from "./keys.ts";
export type { MaskRule, RuleOptions, TextRule } from "./rule.ts";
export type { Mask, MaskMedia, MaskRecord } from "../serialize/mask.ts";
