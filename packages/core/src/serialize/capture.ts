/**
 * The synchronous, bounded structural copy of a user's value, taken when it is given. Strings are shared, never copied. The
 * result is plain JSON data: `JSON.stringify` needs no replacer for it and cannot throw, and nothing the user does later
 * shows in it. Nothing here throws, whatever the value.
 */

/** Deeper levels become a marker. */
const MAX_DEPTH = 64;
/** Array items kept: the first and the last half of this, with a marker between. */
const MAX_ITEMS = 10_000;
/** Values copied for one field, so that a huge structure costs the caller milliseconds at most. */
const MAX_NODES = 100_000;
/** Estimated bytes of a value's own overhead in the copy, beside its text. */
const NODE_BYTES = 8;

export interface Captured {
  readonly value: unknown;
  /** Estimate: one byte for each UTF-16 unit of text and {@link NODE_BYTES} for each value. */
  readonly bytes: number;
  /** Some text is a data URI, or too long to be looked at on the caller's stack. */
  readonly mayHaveMedia: boolean;
}

/** The first look at a long text that was put together from parts joins them, which takes milliseconds for megabytes. */
const MAX_LOOK_CHARS = 64 * 1024;

class Capture {
  bytes = 0;
  mayHaveMedia = false;
  #nodes = 0;
  readonly #ancestors: object[] = [];

  copy(value: unknown, depth: number): unknown {
    this.bytes += NODE_BYTES;
    switch (typeof value) {
      case "string":
        this.bytes += value.length;
        if (!this.mayHaveMedia && (value.length > MAX_LOOK_CHARS || value.startsWith("data:")))
          this.mayHaveMedia = true;
        return value;
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
      case "undefined":
        return value;
      case "bigint":
        return this.#text(value.toString());
      case "symbol":
        return this.#text(value.toString());
      case "function":
        return this.#text("[Function]");
      default:
        return value === null ? null : this.#object(value as object, depth);
    }
  }

  #text(text: string): string {
    this.bytes += text.length;
    return text;
  }

  #object(value: object, depth: number): unknown {
    if (depth >= MAX_DEPTH) return this.#text("[deeper levels left out]");
    if (++this.#nodes > MAX_NODES) return this.#text("[left out: too many values]");
    if (this.#ancestors.includes(value)) return this.#text("[Circular]");
    this.#ancestors.push(value);
    try {
      if (Array.isArray(value)) return this.#array(value, depth);
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) return this.#plain(value, depth);
      return this.#special(value, depth);
    } catch {
      // A revoked proxy, a trap or an iterator that throws: the value cannot be read, and the caller must not notice.
      return this.#text("[unreadable]");
    } finally {
      this.#ancestors.pop();
    }
  }

  #array(value: readonly unknown[], depth: number): unknown[] {
    const { length } = value;
    const out: unknown[] = [];
    if (length <= MAX_ITEMS) {
      for (let i = 0; i < length; i++) out.push(this.copy(read(value, i), depth + 1) ?? null);
      return out;
    }
    const half = MAX_ITEMS / 2;
    for (let i = 0; i < half; i++) out.push(this.copy(read(value, i), depth + 1) ?? null);
    out.push(this.#text(`[${length - MAX_ITEMS} items left out]`));
    for (let i = length - half; i < length; i++) out.push(this.copy(read(value, i), depth + 1) ?? null);
    return out;
  }

  #plain(value: object, depth: number): Record<string, unknown> {
    const toJson: unknown = read(value, "toJSON");
    if (typeof toJson === "function") return this.#json(value, toJson, depth) as Record<string, unknown>;
    return this.#fields(value, depth);
  }

  #fields(value: object, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const field = this.copy(read(value, key), depth + 1);
      if (field === undefined) continue;
      this.bytes += key.length;
      if (key === "__proto__") Object.defineProperty(out, key, { value: field, enumerable: true });
      else out[key] = field;
    }
    return out;
  }

  #json(value: object, toJson: unknown, depth: number): unknown {
    let result: unknown;
    try {
      result = (toJson as (key: string) => unknown).call(value, "");
    } catch {
      return this.#fields(value, depth);
    }
    // Its own result with the method still on it (`toJSON() { return this }`) is read by its fields.
    return result === value ? this.#fields(value, depth) : (this.copy(result, depth + 1) ?? null);
  }

  #special(value: object, depth: number): unknown {
    if (value instanceof Error) return this.#error(value, depth);
    if (ArrayBuffer.isView(value)) return this.#text(`[${nameOf(value)} of ${value.byteLength} bytes]`);
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    switch (tag) {
      case "Date":
        return this.#text(Number.isNaN((value as Date).getTime()) ? "[invalid Date]" : (value as Date).toISOString());
      case "RegExp":
      case "URL":
      case "URLSearchParams":
        return this.#text((value as RegExp | URL).toString());
      case "Map":
        return this.#map(value as Map<unknown, unknown>, depth);
      case "Set":
        return this.#array([...(value as Set<unknown>)], depth);
      case "ArrayBuffer":
      case "SharedArrayBuffer":
        return this.#text(`[${tag} of ${(value as ArrayBuffer).byteLength} bytes]`);
      case "Blob":
      case "File":
        return this.#text(`[${tag} ${(value as Blob).type || "of unknown type"}, ${(value as Blob).size} bytes]`);
      // Headers carry credentials, bodies can be read once: neither is touched.
      case "Request":
        return { method: (value as Request).method, url: this.#text(stripQuery((value as Request).url)) };
      case "Response":
        return { status: (value as Response).status, url: this.#text(stripQuery((value as Response).url)) };
      case "Headers":
      case "Promise":
      case "ReadableStream":
      case "WritableStream":
      case "TransformStream":
      case "AbortSignal":
      case "WeakMap":
      case "WeakSet":
      case "FormData":
        return this.#text(`[${tag}]`);
      default:
        return this.#instance(value, tag, depth);
    }
  }

  #instance(value: object, tag: string, depth: number): unknown {
    const toJson: unknown = read(value, "toJSON");
    if (typeof toJson === "function") return this.#json(value, toJson, depth);
    const isStream =
      typeof read(value, Symbol.asyncIterator) === "function" || typeof read(value, "pipe") === "function";
    if (isStream) return this.#text(`[${tag === "Object" ? nameOf(value) : tag}]`);
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return this.copy(value.valueOf(), depth + 1);
    }
    return this.#fields(value, depth);
  }

  #map(value: Map<unknown, unknown>, depth: number): unknown {
    const entries = [...value];
    if (entries.every(([key]) => typeof key === "string")) {
      return this.#fields(Object.fromEntries(entries) as object, depth);
    }
    return this.#array(entries, depth);
  }

  #error(value: Error, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = { name: this.#text(String(read(value, "name"))) };
    for (const key of ["message", "code", "status", "stack", "cause", "errors"]) {
      const field = this.copy(read(value, key), depth + 1);
      if (field !== undefined) out[key] = field;
    }
    return out;
  }
}

function read(value: object, key: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown>)[key];
  } catch {
    return "[threw when read]";
  }
}

function nameOf(value: object): string {
  const name: unknown = (value.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "" ? name : "Object";
}

/** Queries of URLs carry keys and signatures. */
function stripQuery(url: string): string {
  return url.split("?", 1)[0]!;
}

export function capture(value: unknown): Captured {
  const run = new Capture();
  const copy = run.copy(value, 0);
  return { value: copy, bytes: run.bytes, mayHaveMedia: run.mayHaveMedia };
}
