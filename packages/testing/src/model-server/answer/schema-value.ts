import { asNumber, asObject, asObjects, asString, asStrings, isObject, textOf } from "../../json.ts";
import type { JsonObject } from "../../json.ts";
import { afterPreposition, arithmetic, numbers, paths, properNames, quoted, salientWord } from "./phrases.ts";
import { keywords, sentences, words } from "./words.ts";

/** What a value is built from. */
export interface Facts {
  question: string;
  /** Text the answer was taken from, or the question again. */
  text: string;
  /** The answer in words; the question when arguments of a tool are built. */
  answer: string;
  sources: readonly string[];
}

/** Recursive schemas end here. */
const maxDepth = 8;

/**
 * A value that is valid for a JSON schema (the subset OpenAI's structured outputs take, and the bounds of numbers, strings and
 * arrays), filled from the facts: deterministic, and sensible where a property's name says what it wants. `pattern` is ignored.
 */
export function valueForSchema(schema: unknown, facts: Facts): unknown {
  return new SchemaFiller(asObject(schema), facts).fill(asObject(schema), "", 0);
}

class SchemaFiller {
  readonly #root: JsonObject;
  readonly #facts: Facts;
  readonly #numbers: number[];
  readonly #names: string[];

  constructor(root: JsonObject, facts: Facts) {
    this.#root = root;
    this.#facts = facts;
    const text = `${facts.question}\n${facts.text}`;
    this.#numbers = numbers(text);
    this.#names = [...quoted(text), ...properNames(text)];
  }

  fill(raw: JsonObject, name: string, depth: number): unknown {
    const schema = this.#resolve(raw);
    if ("const" in schema) return schema["const"];
    if (Array.isArray(schema["enum"])) return this.#choose(schema["enum"]);
    const variants = asObjects(schema["anyOf"] ?? schema["oneOf"]);
    if (variants.length > 0) return this.fill(this.#variant(variants, depth), name, depth);
    switch (typeOf(schema)) {
      case "object":
        return this.#object(schema, depth);
      case "array":
        return this.#array(schema, name, depth);
      case "integer":
      case "number":
        return this.#number(schema, name);
      case "boolean":
        return typeof schema["default"] === "boolean" ? schema["default"] : this.#mentions(name);
      case "null":
        return null;
      default:
        return this.#string(schema, name);
    }
  }

  #object(schema: JsonObject, depth: number): JsonObject {
    const required = new Set(asStrings(schema["required"]));
    const out: JsonObject = {};
    for (const [key, property] of Object.entries(asObject(schema["properties"]))) {
      const resolved = this.#resolve(asObject(property));
      const isOptional = !required.has(key);
      if (isOptional && (depth >= maxDepth || !this.#hasEvidence(resolved, key))) continue;
      out[key] = this.fill(resolved, key, depth + 1);
    }
    return out;
  }

  #array(schema: JsonObject, name: string, depth: number): unknown[] {
    const items = this.#resolve(asObject(schema["items"]));
    const minItems = asNumber(schema["minItems"]) ?? 0;
    const maxItems = asNumber(schema["maxItems"]) ?? 5;
    const type = typeOf(items);
    const isPlain = !["enum", "const", "anyOf", "oneOf"].some((key) => key in items);
    let out: unknown[] = [];
    if (isPlain && type === "string") out = this.#strings(name).map((text) => sized(text, items));
    else if (isPlain && (type === "integer" || type === "number")) {
      out = this.#numbers.splice(0, maxItems).map((number) => bounded(number, items));
    } else if (depth < maxDepth) out = [this.fill(items, singular(name), depth + 1)];
    while (out.length < minItems) out.push(this.fill(items, singular(name), depth + 1));
    return out.slice(0, maxItems);
  }

  #strings(name: string): string[] {
    if (/source|citation|reference|document/i.test(name)) return [...this.#facts.sources];
    if (/keyword|tag|topic|quer/i.test(name)) return [...new Set(keywords(this.#facts.question))].slice(0, 3);
    if (/step|plan|sentence|point|reason|fact/i.test(name)) return sentences(this.#facts.answer);
    const names = [...new Set(this.#names)];
    return names.length > 0 ? names.slice(0, 3) : [this.#string({}, singular(name))];
  }

  #number(schema: JsonObject, name: string): number {
    const fallback = asNumber(schema["default"]) ?? (/limit|count|top|max|^k$/i.test(name) ? 5 : 1);
    return bounded(this.#numberNear(name) ?? this.#numbers.shift() ?? fallback, schema);
  }

  /** "age: 42", "42 points" for a property called `age` or `points`. */
  #numberNear(name: string): number | undefined {
    const word = words(name).at(-1);
    if (word === undefined || word.length < 3) return undefined;
    const text = `${this.#facts.question}\n${this.#facts.text}`;
    const found =
      new RegExp(`\\b${word}\\w*\\s*(?:is|=|:|of|was)?\\s*(-?\\d+(?:\\.\\d+)?)`, "i").exec(text)?.[1] ??
      new RegExp(`(-?\\d+(?:\\.\\d+)?)\\s+${word}`, "i").exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  }

  #string(schema: JsonObject, name: string): string {
    const format = asString(schema["format"]);
    const { question, text, answer, sources } = this.#facts;
    if (format === "date-time") return "2026-01-01T00:00:00Z";
    if (format === "date") return /\d{4}-\d{2}-\d{2}/.exec(text)?.[0] ?? "2026-01-01";
    if (format === "time") return "00:00:00Z";
    if (format === "email") return /[\w.+-]+@[\w-]+\.\w+/.exec(text)?.[0] ?? "nobody@example.com";
    if (format === "uuid") return "00000000-0000-4000-8000-000000000000";
    if (format === "uri") return paths(text).find((path) => path.startsWith("http")) ?? "https://example.com/";
    const isFor = (pattern: RegExp): boolean => pattern.test(name);
    let value: string | undefined;
    if (isFor(/question|quer|^q$|^input$|prompt|search|topic/i)) value = question;
    else if (isFor(/expression|formula|calc/i)) value = arithmetic(question);
    else if (isFor(/path|file|page|url|href/i)) value = paths(question)[0] ?? paths(text)[0];
    else if (isFor(/term|word|keyword|phrase|pattern|needle/i)) value = quoted(question)[0] ?? salientWord(question);
    else if (isFor(/source|citation|reference/i)) value = sources[0];
    else if (isFor(/answer|summar|text|content|explanation|reason|description|message|comment|body|thought/i))
      value = answer;
    else if (isFor(/date|day|when/i))
      value = /\d{4}-\d{2}-\d{2}|today|tomorrow|yesterday|\p{L}+day\b/iu.exec(question)?.[0];
    else if (isFor(/title|headline/i)) value = words(answer).slice(0, 6).join(" ");
    else
      value = this.#names[0] ?? afterPreposition(question)?.replace(/\s+(?:today|tomorrow|right now|please)\b.*$/i, "");
    value ??= this.#names[0] ?? salientWord(question);
    return sized(value, schema);
  }

  /** The value whose words the question or the answer uses; the first where none is. */
  #choose(values: readonly unknown[]): unknown {
    return values.find((value) => value !== null && this.#mentions(textOf(value))) ?? values[0];
  }

  #mentions(name: string): boolean {
    const wanted = keywords(name);
    const present = new Set(keywords(`${this.#facts.question} ${this.#facts.answer}`));
    return wanted.length > 0 && wanted.every((word) => present.has(word));
  }

  /** Optional properties are given only where the facts say something about them. */
  #hasEvidence(schema: JsonObject, name: string): boolean {
    if (Array.isArray(schema["enum"]))
      return schema["enum"].some((value) => value !== null && this.#mentions(textOf(value)));
    const type = typeOf(schema);
    if (type === "integer" || type === "number") return this.#numberNear(name) !== undefined;
    return this.#mentions(name);
  }

  #variant(variants: JsonObject[], depth: number): JsonObject {
    const resolved = variants.map((variant) => this.#resolve(variant));
    const isNull = (schema: JsonObject): boolean => typeOf(schema) === "null";
    if (depth >= maxDepth) return resolved.find(isNull) ?? resolved[0] ?? {};
    return resolved.find((schema) => !isNull(schema)) ?? resolved[0] ?? {};
  }

  #resolve(schema: JsonObject): JsonObject {
    const reference = schema["$ref"];
    if (typeof reference !== "string") return schema;
    let target: unknown = this.#root;
    for (const key of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) target = asObject(target)[key];
    return isObject(target) && target["$ref"] !== reference ? this.#resolve(target) : {};
  }
}

function typeOf(schema: JsonObject): string {
  const type = schema["type"];
  const named = Array.isArray(type) ? type.find((item) => item !== "null") : type;
  if (typeof named === "string") return named;
  return isObject(schema["properties"]) ? "object" : "items" in schema ? "array" : "string";
}

function bounded(number: number, schema: JsonObject): number {
  const isInteger = typeOf(schema) === "integer";
  const value = isInteger ? Math.trunc(number) : number;
  const lowest = asNumber(schema["minimum"]) ?? above(asNumber(schema["exclusiveMinimum"]), isInteger, 1);
  const highest = asNumber(schema["maximum"]) ?? above(asNumber(schema["exclusiveMaximum"]), isInteger, -1);
  const inside = Math.max(lowest ?? -Infinity, Math.min(highest ?? Infinity, value));
  const step = asNumber(schema["multipleOf"]);
  return step === undefined ? inside : Math.ceil(inside / step) * step;
}

function sized(text: string, schema: JsonObject): string {
  return text.slice(0, asNumber(schema["maxLength"]) ?? undefined).padEnd(asNumber(schema["minLength"]) ?? 0, ".");
}

function above(bound: number | undefined, isInteger: boolean, direction: 1 | -1): number | undefined {
  return bound === undefined ? undefined : bound + direction * (isInteger ? 1 : 0.5);
}

const singular = (name: string): string => name.replace(/ies$/, "y").replace(/s$/, "");
