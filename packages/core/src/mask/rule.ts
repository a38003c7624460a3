import { SpanwiseConfigError } from "../errors.ts";

/** What one rule found in a text: the half-open range that `replacement` takes the place of. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/**
 * One kind of thing that must not leave. A rule is pure: it keeps nothing between calls, and the same text gives the same result.
 * Made by the functions of this module or by {@link rule}.
 */
export interface MaskRule {
  /** Looks at the text of every field, and at the names of an object's fields. */
  readonly text?: TextRule | undefined;
  /** Whether the value of a field of this name is masked whole, and with what. */
  readonly field?: ((name: string) => string | undefined) | undefined;
}

export interface TextRule {
  /**
   * The first find that starts at `from` or later. `isEnd` is false when `text` goes on beyond what is given: what might go on is
   * then reported up to the end of `text`, and asked for again with more of it.
   */
  find(text: string, from: number, isEnd: boolean): Found | undefined;
  /** The longest find that must not be missed where it lies across two slices of a long text, in UTF-16 units. */
  readonly maxChars: number;
}

/** Unless a rule says otherwise. */
export const DEFAULT_MAX_CHARS = 4096;

export interface RuleOptions {
  /**
   * The longest match in UTF-16 units, default 4096. A longer one may be missed where it lies across two slices of a long
   * text (32 Ki), unless it has begun to match and only its end is missing.
   */
  maxChars?: number | undefined;
}

/**
 * A rule of one's own: every match of `pattern` is replaced, whether it has the flag `g` or not. `replacement` is text, or a function
 * of the match and its groups, and should not match itself: masks are applied again to what they gave. An empty match is
 * nothing. `^` and `$` mean the ends of the whole text. The time that a pattern takes is its author's: avoid nested repetition.
 *
 * @example
 * maskWith(emails(), rule(/\bEMP-\d{6}\b/, "[employee]"));
 */
export function rule(
  pattern: RegExp,
  replacement: string | ((match: string, ...groups: (string | undefined)[]) => string) = "[masked]",
  { maxChars = DEFAULT_MAX_CHARS }: RuleOptions = {},
): MaskRule {
  if (!(pattern instanceof RegExp))
    throw new SpanwiseConfigError("rule() takes a regular expression, such as /\\bEMP-\\d+/");
  if (!(maxChars >= 1))
    throw new SpanwiseConfigError(`maxChars must be a number of at least 1, got ${String(maxChars)}`);
  const source = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, "")}g`);
  return { text: patternRule(source, typeof replacement === "string" ? () => replacement : replacement, maxChars) };
}

/** `pattern` has the flag `g`. `replace` may answer `undefined`: that match is none. */
export function patternRule(
  pattern: RegExp,
  replace: (match: string, ...groups: (string | undefined)[]) => string | undefined,
  maxChars: number = DEFAULT_MAX_CHARS,
): TextRule {
  return {
    maxChars,
    find(text, from) {
      pattern.lastIndex = from;
      for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
        const [whole, ...groups] = match;
        if (whole === "") {
          pattern.lastIndex++;
          continue;
        }
        const replacement = replace(whole, ...groups);
        if (replacement !== undefined) return { start: match.index, end: match.index + whole.length, replacement };
      }
      return undefined;
    },
  };
}
