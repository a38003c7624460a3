import { setField } from "../util/set-field.ts";
import type { MaskRule, TextRule } from "./rule.ts";
import { Scan } from "./scan.ts";

/** Masks are applied until nothing changes, since a replacement can lay open what a rule looks for; at most this often. */
const MAX_PASSES = 4;
/** JSON inside of a text is read up to this length; a longer one is looked at as text. */
const MAX_JSON_CHARS = 256 * 1024;
/** Deeper JSON inside of a text is replaced: a walk must end. */
const MAX_DEPTH = 200;
const TOO_DEEP = "[deeper levels masked]";
/** Numbers of fewer digits are no cards. */
const MIN_DIGITS = 13;
/** UTF-16 units that are masked before the work is cut into steps. */
const SYNC_CHARS = 128 * 1024;
/** A value or a key takes as long as so many units of text, whatever its length: some 4 µs, and more before the code is compiled. */
const ENTRY_CHARS = 256;
/** Entries of a container that are masked in one step. */
const STEP_ENTRIES = 64;

/** What is left to do: a step of it, which answers true when it is done. */
type Step = () => boolean;

/** Rules by what they look at. */
export interface RuleSet {
  readonly texts: readonly TextRule[];
  readonly fields: readonly NonNullable<MaskRule["field"]>[];
}

/** One run of a set of rules over a record's values. */
export class Walk {
  /** What must be done, in any order, before what {@link value} returned is complete. */
  readonly later: Step[] = [];
  readonly #rules: RuleSet;
  #chars = 0;

  constructor(rules: RuleSet) {
    this.#rules = rules;
  }

  /** A masked copy. `place` puts something else where it stands, once that is known. */
  value(value: unknown, place: (value: unknown) => void, depth = 0): unknown {
    switch (typeof value) {
      case "string":
        return this.#text(value, place, depth);
      case "number":
      case "bigint": {
        const text = String(value);
        const masked = text.length < MIN_DIGITS ? text : this.#short(text);
        return masked === text ? value : masked;
      }
      case "object":
        if (value === null) return null;
        if (depth > MAX_DEPTH) return TOO_DEEP;
        return Array.isArray(value) ? this.#array(value, depth) : this.#object(value, depth);
      default:
        return value;
    }
  }

  #array(value: readonly unknown[], depth: number): unknown[] {
    const out: unknown[] = [];
    this.#each(value, (item, index) => {
      out[index] = this.value(item, (next) => void (out[index] = next), depth + 1);
    });
    return out;
  }

  #object(value: object, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    this.#each(Object.entries(value), ([key, item]: [string, unknown]) => {
      this.#chars += key.length;
      const name = this.#freeName(out, this.#short(key));
      const place = (next: unknown): void => setField(out, name, next);
      // By both names: applied again, only the masked one is there.
      const replacement =
        this.#replacementFor(key, item) ?? (name === key ? undefined : this.#replacementFor(name, item));
      place(replacement ?? this.value(item, place, depth + 1));
    });
    return out;
  }

  /** Visits entries in their order, and leaves for {@link later} what is more than a record's share of work at once. */
  #each<T>(entries: readonly T[], visit: (entry: T, index: number) => void): void {
    let next = 0;
    const step: Step = () => {
      const end = Math.min(entries.length, next + STEP_ENTRIES);
      for (; next < end; next++) {
        this.#chars += ENTRY_CHARS;
        visit(entries[next]!, next);
      }
      return next === entries.length;
    };
    while (this.#chars <= SYNC_CHARS) if (step()) return;
    this.later.push(step);
  }

  #replacementFor(key: string, value: unknown): string | undefined {
    if (value === undefined || value === null || value === "" || typeof value === "boolean") return undefined;
    for (const rule of this.#rules.fields) {
      const replacement = rule(key);
      if (replacement !== undefined) return replacement;
    }
    return undefined;
  }

  /** Two names may become the same one. */
  #freeName(out: object, name: string): string {
    if (!Object.hasOwn(out, name)) return name;
    let next = 2;
    while (Object.hasOwn(out, `${name} ${next}`)) next++;
    return `${name} ${next}`;
  }

  #text(text: string, place: (value: unknown) => void, depth: number): string {
    this.#chars += text.length;
    if (this.#chars > SYNC_CHARS) {
      this.later.push(this.#steps(text, place, depth));
      return text;
    }
    const step = this.#steps(text, (next) => void (text = next as string), depth);
    while (!step()) continue;
    return text;
  }

  #short(text: string): string {
    const step = this.#steps(text, (next) => void (text = next as string), MAX_DEPTH);
    while (!step()) continue;
    return text;
  }

  /** Passes over a text until one changes nothing. */
  #steps(text: string, place: (value: unknown) => void, depth: number): Step {
    let passes = 0;
    let json: JsonText | undefined;
    let scan: Scan | undefined;
    return () => {
      if (!scan) {
        json ??= JsonText.in(text, this.#rules, depth);
        if (json && !json.next()) return false;
        scan = new Scan(json?.text ?? text, this.#rules.texts);
      }
      if (!scan.next()) return false;
      const isSame = scan.text === text;
      text = scan.text;
      scan = undefined;
      json = undefined;
      if (!isSame && ++passes < MAX_PASSES) return false;
      place(text);
      return true;
    };
  }
}

/** JSON inside of a text, such as the arguments of a tool, masked as the values that it is. Unchanged JSON keeps its form. */
class JsonText {
  text: string;
  readonly #plain: string;
  /** Of its own: what it holds is not counted twice, and is complete when it is written again. */
  readonly #walk: Walk;
  #root: unknown;
  #steps = 0;

  /** Undefined: the text is none, is too long, or is nested deeper than the stack, and is looked at as text. */
  static in(text: string, rules: RuleSet, depth: number): JsonText | undefined {
    if (depth >= MAX_DEPTH || text.length > MAX_JSON_CHARS || !/^\s{0,100}[[{]/.test(text)) return undefined;
    try {
      const parsed: unknown = JSON.parse(text);
      return new JsonText(text, parsed, JSON.stringify(parsed), rules, depth);
    } catch {
      return undefined;
    }
  }

  private constructor(text: string, parsed: unknown, plain: string, rules: RuleSet, depth: number) {
    this.text = text;
    this.#plain = plain;
    this.#walk = new Walk(rules);
    this.#root = this.#walk.value(parsed, (next) => void (this.#root = next), depth + 1);
  }

  /** Does a step of the work; true when {@link text} is the masked one. */
  next(): boolean {
    const step = this.#walk.later[this.#steps];
    if (step) {
      if (step()) this.#steps++;
      return false;
    }
    const masked = JSON.stringify(this.#root);
    if (masked !== this.#plain) this.text = masked;
    return true;
  }
}
