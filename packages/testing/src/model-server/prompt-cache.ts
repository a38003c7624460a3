import { createHash } from "node:crypto";

/** OpenAI caches prefixes from 1024 tokens on, in steps of 128. */
const minTokens = 1024;
const stepTokens = 128;
const maxPrefixes = 10_000;

/** Imitates prompt caching: the longest prefix of tokens that an earlier request began with. */
export class PromptCache {
  readonly #prefixes = new Set<string>();

  /** Tokens of the prompt that were seen before; remembers this prompt for the next. */
  lookUp(model: string, tokens: readonly number[]): number {
    let cached = 0;
    const hash = createHash("sha1").update(model);
    let from = 0;
    for (let to = minTokens; to <= tokens.length; to += stepTokens) {
      hash.update(Uint32Array.from(tokens.slice(from, to)));
      from = to;
      const key = hash.copy().digest("base64");
      if (this.#prefixes.has(key)) cached = to;
      else if (this.#prefixes.size < maxPrefixes) this.#prefixes.add(key);
    }
    return cached;
  }
}
