/**
 * The synchronous, bounded structural copy of a user's value, taken when it is given. Strings are shared, never copied. The
 * result is plain JSON data: `JSON.stringify` needs no replacer for it and cannot throw, and nothing the user does later
 * shows in it. Nothing here throws, whatever the value.
 */

import { Attachment } from "./attachment.ts";
import { attachmentIn, blobMarker } from "./binary.ts";
import { isCredentialKey, isClientLike } from "./credentials.ts";
import { isBase64Start, isDataUri, isImageCall, isMediaKey } from "./media-shapes.ts";
import { setField } from "../util/set-field.ts";
import { tagOf } from "../util/tag-of.ts";
import { ignoreRejection } from "../util/ignore-rejection.ts";
import { isRecord } from "../util/is-record.ts";

export { setField };

/** Deeper levels become a marker. */
const MAX_DEPTH = 64;
/** Array items, entries of a Map or Set and keys of an object that are kept; a marker counts the rest. */
export const MAX_ITEMS = 10_000;
/** The last items of an array are taken before its middle, so that both ends are kept whatever the bounds. */
const ARRAY_ENDS = 8;
/** Numbers taken in whole arrays. Further arrays of numbers (embeddings) keep {@link NUMBER_ENDS} at each end. */
const MAX_NUMBERS = 10_000;
const NUMBER_ENDS = 4;
/** Values and keys copied for one field, primitives too, so that a huge structure costs the caller milliseconds. */
export const MAX_NODES = 32_000;
/** Estimated bytes of JSON after which nothing more is taken: what is sent of a value is 1 MiB unless configured otherwise. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;
/** Estimated bytes of a value's own overhead, in the copy and in JSON, beside its text. */
const NODE_BYTES = 8;
/** A number in JSON, estimated. */
const NUMBER_BYTES = 20;
/** Stacks of errors read for one field: the first look at one puts it together, 10 µs and with source maps a multiple of it. */
const MAX_STACKS = 100;
/** Larger ones are a marker: their digits take longer than in proportion, seconds for megabytes. */
const MAX_BIGINT_BITS = 65_536;
/** The key under which an object says how many of its keys were left out. */
const LEFT_OUT = "[left out]";

export interface Captured {
  readonly value: unknown;
  /** Estimate: one byte for each UTF-16 unit of text and {@link NODE_BYTES} for each value. */
  readonly bytes: number;
  /** There is an attachment, or a text that may be one: a data URI, under a key of media, or too long to be looked at at once. */
  readonly mayHaveMedia: boolean;
}

/**
 * The first look at a long text that was put together from parts joins them, which takes milliseconds for megabytes. A
 * longer text counts as this much towards {@link MAX_JSON_BYTES}: it is shared, and it may be an attachment that is taken out.
 */
const MAX_LOOK_CHARS = 64 * 1024;

/** What is being copied, the outermost first. One list for all captures, of which one may run inside another's `toJSON`. */
const ancestors: object[] = [];

class Capture {
  bytes = 0;
  mayHaveMedia = false;
  /** Bytes of each top key, where they are asked for. */
  keyBytes: Map<string, number> | undefined;
  #nodes = 0;
  #jsonBytes = 0;
  #numbers = 0;
  #stacks = 0;
  /** Bytes of typed arrays that were copied. */
  #copied = 0;
  /** Inside an instance of a class: what hangs on it was not written by the user. */
  #instances = 0;
  /** Where its own begin among {@link ancestors}. */
  readonly #base = ancestors.length;

  copy(value: unknown, depth: number): unknown {
    this.#count(NODE_BYTES);
    switch (typeof value) {
      case "string":
        if (!this.mayHaveMedia && (value.length > MAX_LOOK_CHARS || isDataUri(value))) this.mayHaveMedia = true;
        return this.#text(value);
      case "number":
        this.#jsonBytes += NUMBER_BYTES - NODE_BYTES;
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
      case "undefined":
        return value;
      case "bigint":
        return this.#text(
          BigInt.asIntN(MAX_BIGINT_BITS, value) === value
            ? value.toString()
            : `[BigInt of more than ${MAX_BIGINT_BITS} bits]`,
        );
      case "symbol":
        return this.#text(value.toString());
      case "function":
        return this.#text("[Function]");
      default:
        return value === null ? null : this.#object(value as object, depth);
    }
  }

  #count(bytes: number): void {
    this.#nodes++;
    this.bytes += bytes;
    this.#jsonBytes += bytes;
  }

  get #isFull(): boolean {
    return this.#nodes >= MAX_NODES || this.#jsonBytes >= MAX_JSON_BYTES;
  }

  #text(text: string): string {
    this.bytes += text.length;
    this.#jsonBytes += Math.min(text.length, MAX_LOOK_CHARS);
    return text;
  }

  #object(value: object, depth: number): unknown {
    if (depth >= MAX_DEPTH) return this.#text("[deeper levels left out]");
    if (ancestors.includes(value, this.#base)) return this.#text("[Circular]");
    ancestors.push(value);
    try {
      if (Array.isArray(value)) return this.#array(value, depth);
      return isPlain(value) ? this.#plain(value, depth) : this.#special(value, depth);
    } catch {
      // A revoked proxy, a trap or an iterator that throws: the value cannot be read, and the caller must not notice.
      return this.#text("[unreadable]");
    } finally {
      ancestors.pop();
    }
  }

  #array(value: readonly unknown[], depth: number, length: number = value.length): unknown[] {
    const tail = value.length > 2 * ARRAY_ENDS ? this.#endOf(value) : 0;
    const head = Math.min(value.length, this.#limitOf(value)) - tail;
    const out: unknown[] = [];
    const take = (into: unknown[], from: number, to: number): void => {
      for (let i = from; i < to && !this.#isFull; i++) into.push(this.copy(read(value, i), depth + 1) ?? null);
    };
    take(out, 0, Math.min(head, ARRAY_ENDS));
    const last: unknown[] = [];
    take(last, value.length - tail, value.length);
    take(out, out.length, head);
    const left = length - out.length - last.length;
    if (left > 0) out.push(this.#text(`[${left} items left out]`));
    out.push(...last);
    return out;
  }

  #endOf(value: readonly unknown[]): number {
    return isNumbers(value) ? NUMBER_ENDS : ARRAY_ENDS;
  }

  #limitOf(value: readonly unknown[]): number {
    if (value.length <= 2 * NUMBER_ENDS || !isNumbers(value)) return MAX_ITEMS;
    const isWhole = this.#numbers + Math.min(value.length, MAX_ITEMS) <= MAX_NUMBERS;
    const limit = isWhole ? MAX_ITEMS : 2 * NUMBER_ENDS;
    this.#numbers += Math.min(value.length, limit);
    return limit;
  }

  #plain(value: object, depth: number): unknown {
    const toJson = toJsonOf(value);
    return toJson ? this.#json(value, toJson, depth) : this.#fields(value, depth);
  }

  /** Own data fields. Accessors are not invoked: a lazy relation's getter starts a query. */
  #fields(value: object, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    const keys = Object.keys(value);
    for (let i = 0; i < keys.length; i++) {
      if (i >= MAX_ITEMS || this.#isFull) {
        setField(out, LEFT_OUT, this.#text(`${keys.length - i} keys`));
        break;
      }
      const key = keys[i]!;
      const before = this.bytes;
      const field = this.#field(value, key, depth);
      if (field === undefined) continue;
      this.#count(key.length);
      if (!this.mayHaveMedia && typeof field === "string" && isMediaKey(key) && isBase64Start(field, 0))
        this.mayHaveMedia = true;
      setField(out, key, field);
      if (depth === 0) this.keyBytes?.set(key, this.bytes - before);
    }
    if (isImageCall(out)) this.mayHaveMedia = true;
    return out;
  }

  #field(value: object, key: string, depth: number): unknown {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (!descriptor) return undefined;
    if (!("value" in descriptor)) return this.#text("[getter]");
    if (this.#instances > 0 && isCredentialKey(key)) return this.#text(LEFT_OUT);
    return this.copy(descriptor.value, depth + 1);
  }

  #json(value: object, toJson: Method, depth: number): unknown {
    let result: unknown;
    try {
      result = toJson.call(value, "");
      // Nobody but us has this promise: its rejection would be one more that nobody handles.
      ignoreRejection(result);
    } catch {
      return this.#fields(value, depth);
    }
    // Its own result with the method still on it (`toJSON() { return this }`) is read by its fields.
    return result === value ? this.#fields(value, depth) : (this.copy(result, depth + 1) ?? null);
  }

  #special(value: object, depth: number): unknown {
    if (value instanceof Error) return this.#error(value, depth);
    const attachment = attachmentIn(value, this.#copied);
    if (attachment) return this.#attachment(attachment, value);
    if (ArrayBuffer.isView(value)) return this.#text(`[${nameOf(value)} of ${value.byteLength} bytes]`);
    const tag = tagOf(value);
    switch (tag) {
      case "Date":
        return this.#text(Number.isNaN((value as Date).getTime()) ? "[invalid Date]" : (value as Date).toISOString());
      case "RegExp":
      case "URLSearchParams":
        return this.#text((value as RegExp | URLSearchParams).toString());
      case "URL":
        return this.#text((value as URL).href.replace(USER_OF_URL, "$1"));
      case "Map":
        return this.#map(value as Map<unknown, unknown>, depth);
      case "Set":
        return this.#array(firstOf(value as Set<unknown>), depth, (value as Set<unknown>).size);
      case "ArrayBuffer":
      case "SharedArrayBuffer":
        return this.#text(`[${tag} of ${(value as ArrayBuffer).byteLength} bytes]`);
      case "Blob":
      case "File":
        return this.#text(blobMarker(value as Blob));
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

  #attachment(attachment: Attachment, value: object): Attachment {
    const { size } = attachment;
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) this.#copied += size;
    this.bytes += size;
    this.mayHaveMedia = true;
    return attachment;
  }

  #instance(value: object, tag: string, depth: number): unknown {
    const toJson = toJsonOf(value);
    if (toJson) return this.#json(value, toJson, depth);
    const name = tag === "Object" ? nameOf(value) : tag;
    if (methodOf(value, Symbol.asyncIterator) ?? methodOf(value, "pipe")) return this.#text(`[${name}]`);
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return this.copy(value.valueOf(), depth + 1);
    }
    if (HEADERS_CLASS.test(name) || isClientLike(value, MAX_ITEMS)) return this.#text(`[${name}]`);
    this.#instances++;
    try {
      return this.#fields(value, depth);
    } finally {
      this.#instances--;
    }
  }

  #map(value: Map<unknown, unknown>, depth: number): unknown {
    const entries = firstOf(value);
    if (!entries.every(([key]) => typeof key === "string")) return this.#array(entries, depth, value.size);
    const out = this.#fields(Object.fromEntries(entries) as object, depth);
    if (value.size > entries.length) setField(out, LEFT_OUT, this.#text(`${value.size - entries.length} keys`));
    return out;
  }

  #error(value: Error, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = { name: this.#text(String(read(value, "name"))) };
    for (const key of ["message", "code", "status", "stack", "cause", "errors"]) {
      if (key === "stack" && ++this.#stacks > MAX_STACKS) continue;
      const field = this.copy(read(value, key), depth + 1);
      if (field !== undefined) out[key] = field;
    }
    return out;
  }
}

/** `user:password@`, as `URL` writes it. */
const USER_OF_URL = /^([^:]+:\/\/)[^/?#@]*@/;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Header classes of HTTP libraries (`AxiosHeaders`). */
const HEADERS_CLASS = /Headers$/;

/** Of this or another realm: tests and sandboxes have an `Object` of their own. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

/** Told from both ends and the middle: looking at each would cost as much as copying. */
function isNumbers(value: readonly unknown[]): boolean {
  const { length } = value;
  return [0, length >> 1, length - 1].every((i) => typeof read(value, i) === "number");
}

function firstOf<T>(values: Iterable<T>): T[] {
  const out: T[] = [];
  for (const value of values) {
    if (out.length === MAX_ITEMS) break;
    out.push(value);
  }
  return out;
}

/** A method, own or inherited, found without invoking an accessor. */
function methodOf(value: object, key: PropertyKey): Method | undefined {
  for (let at: object | null = value; at; at = Object.getPrototypeOf(at) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor) return typeof descriptor.value === "function" ? (descriptor.value as Method) : undefined;
  }
  return undefined;
}

/** Most values have none: that is told without a walk. */
function toJsonOf(value: object): Method | undefined {
  return "toJSON" in value ? methodOf(value, "toJSON") : undefined;
}

function read(value: object, key: PropertyKey): unknown {
  try {
    // Not `value[key]`: once that has seen arrays of several kinds, V8 converts the user's arrays of numbers in place.
    return Reflect.get(value, key) as unknown;
  } catch {
    return "[threw when read]";
  }
}

function nameOf(value: object): string {
  const name: unknown = methodOf(value, "constructor")?.name;
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

/** A copy of an object, with what each of its keys weighs. What is not an object of fields goes under `value`. */
export function captureFields(value: object): {
  readonly fields: Record<string, unknown>;
  readonly keyBytes: Map<string, number>;
  readonly mayHaveMedia: boolean;
} {
  const run = new Capture();
  const keyBytes = new Map<string, number>();
  run.keyBytes = keyBytes;
  const copy = run.copy(value, 0);
  if (isRecord(copy) && !(copy instanceof Attachment)) {
    // A `toJSON` gave it: the keys of what it returned lie one level deeper.
    const keys = Object.keys(copy);
    for (const key of keys) if (!keyBytes.has(key)) keyBytes.set(key, run.bytes / keys.length);
    return { fields: copy, keyBytes, mayHaveMedia: run.mayHaveMedia };
  }
  return { fields: { value: copy }, keyBytes: new Map([["value", run.bytes]]), mayHaveMedia: run.mayHaveMedia };
}
