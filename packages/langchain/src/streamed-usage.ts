import { providerUsage, withCacheInInput } from "./cache-usage.ts";
import { fieldsOf, isEmpty, type Fields } from "./fields.ts";

const COUNTS = ["input_tokens", "output_tokens", "total_tokens"] as const;
const DETAILS = ["input_token_details", "output_token_details"] as const;
/** What LangChain itself adds up of the details. */
const DETAIL_COUNTS = [
  "audio",
  "image",
  "video",
  "document",
  "text",
  "cache_read",
  "cache_creation",
  "reasoning",
] as const;

type Counts = Record<string, number>;

/** The `usage_metadata` of a streamed answer, as far as its pieces have told it. */
export class StreamedUsage {
  /** Each piece tells the output tokens so far, as Anthropic's do, and LangChain adds them up all the same. */
  readonly #countsSoFar: boolean;
  readonly #sums: Counts = {};
  readonly #details: Partial<Record<(typeof DETAILS)[number], Counts>> = {};
  #lastOutput = 0;
  /** What the provider itself said, with the first piece that has it; the caller's, and small. */
  #raw: Fields = {};
  #isNewer = false;
  /** Events of a model that streams content blocks tell the whole anew; it is copied. */
  #isWhole = false;

  constructor(countsSoFar: boolean) {
    this.#countsSoFar = countsSoFar;
  }

  /** `usage_metadata` and `response_metadata` of a piece. */
  add(given: Fields, response: Fields = {}): void {
    if (isEmpty(this.#raw)) this.#raw = providerUsage(response);
    this.#isNewer ||= "model_provider" in response;
    addCounts(this.#sums, COUNTS, given);
    for (const name of DETAILS) addCounts((this.#details[name] ??= {}), DETAIL_COUNTS, fieldsOf(given[name]));
    const { output_tokens: output } = given;
    if (typeof output === "number" && output > 0) this.#lastOutput = output;
  }

  /** What an event says that all has come to. */
  replace(given: Fields): void {
    this.#isWhole = true;
    for (const name of COUNTS) delete this.#sums[name];
    for (const name of DETAILS) delete this.#details[name];
    this.add(given);
  }

  /** Output tokens that were counted twice, where `told` is the sum of what the pieces told. */
  countedTwice(told: number): number {
    const { output_tokens: sum = 0 } = this.#sums;
    return this.#countsSoFar && !this.#isWhole && told === sum ? sum - this.#lastOutput : 0;
  }

  /** As `usage_metadata` has it; undefined where nothing was told. */
  describe(): unknown {
    const { output_tokens: output, total_tokens: total } = this.#sums;
    if (Object.keys(this.#sums).length === 0) return undefined;
    const twice = this.countedTwice(output ?? 0);
    const counts: Record<string, unknown> = { ...this.#sums };
    if (twice > 0 && output !== undefined) counts["output_tokens"] = output - twice;
    if (twice > 0 && total !== undefined) counts["total_tokens"] = total - twice;
    for (const name of DETAILS) {
      const details = this.#details[name];
      if (details && Object.keys(details).length > 0) counts[name] = { ...details };
    }
    return this.#isWhole ? counts : withCacheInInput(counts, this.#raw, this.#isNewer);
  }
}

function addCounts(into: Counts, names: readonly string[], given: Fields): void {
  for (const name of names) {
    const count = given[name];
    if (typeof count === "number") into[name] = (into[name] ?? 0) + count;
  }
}
