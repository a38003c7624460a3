/**
 * Protobuf's wire format (https://protobuf.dev/programming-guides/encoding) as hostile senders may write it: nothing is read beyond the end of
 * the message that it is in, and an error is thrown for whatever is not well-formed. Only in texts, what is no UTF-8 is replaced (U+FFFD): SDKs that cut
 * long values cut through characters, and hundreds of sound spans would be lost with one letter.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;
  /** Of the message that is being read. */
  #end: number;
  /** Messages around it. */
  #depth = 0;
  /** Read so far. */
  #messages = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
  }

  /** The next field of the message as it is on the wire, number and type in one: see {@link field}. 0 at the message's end. */
  next(): number {
    if (this.#at === this.#end) return 0;
    const tag = this.#short();
    if (tag >>> 3 === 0) throw new WireError("a field has the number 0", this.#at);
    return tag;
  }

  /** Reads a message that is a field: `read` is called with each of its fields, and has to take it or {@link skip} it. */
  message(read: (tag: number) => void): void {
    const outer = this.#end;
    const length = this.#length();
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new WireError(`messages are nested more than ${MAX_DEPTH} deep`, this.#at);
    this.#messages += 1;
    if (this.#messages > MAX_MESSAGES) throw new WireError(`there are more than ${MAX_MESSAGES} messages`, this.#at);
    this.#end = this.#at + length;
    for (let tag = this.next(); tag !== 0; tag = this.next()) read(tag);
    this.#depth -= 1;
    this.#end = outer;
  }

  /** The lower 32 bits of a number of up to 64. */
  uint32(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < MAX_VARINT_BITS; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new WireError("a number has more than 64 bits", this.#at);
  }

  bool(): boolean {
    return this.int64() !== 0;
  }

  /** As a number where it is exact, else as decimal text. */
  int64(): number | string {
    const first = this.#bytes[this.#at] ?? 0;
    // Most of them are small: no big integer is made.
    if (first < 0x80) return this.#byte();
    const exact = BigInt.asIntN(64, this.#varint64());
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact.toString();
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  hex(): string {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.toString("hex", start, start + length);
  }

  base64(): string {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.toString("base64", start, start + length);
  }

  string(): string {
    return this.#text(this.#length());
  }

  /** A text that comes again and again, as the names of attributes do: found without being decoded where it is known. */
  name(): string {
    const length = this.#length();
    if (length > MAX_NAME_BYTES) return this.#text(length);
    const bytes = this.#bytes;
    const start = this.#take(length);
    // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv
    let hash = 0x811c9dc5;
    for (let at = start; at < start + length; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    const known = names[(hash >>> 0) % names.length];
    if (known !== undefined && known.bytes.length === length && isAt(known.bytes, bytes, start)) return known.text;
    this.#at = start;
    const text = this.#text(length);
    // Not a Buffer, which would hold a whole slab of Node's.
    names[(hash >>> 0) % names.length] = { bytes: new Uint8Array(bytes.subarray(start, start + length)), text };
    return text;
  }

  /** Over the field that {@link next} told of. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.uint32();
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.#take(this.#length());
        return;
      case 3:
        this.#skipGroup(tag >>> 3);
        return;
      case 5:
        this.#take(4);
        return;
      default:
        throw new WireError(`a field has the unknown wire type ${tag & 7}`, this.#at);
    }
  }

  /** A kind of message of protobuf's first years, which ends with a tag. */
  #skipGroup(number: number): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new WireError(`messages are nested more than ${MAX_DEPTH} deep`, this.#at);
    for (let tag = this.next(); tag !== ((number << 3) | 4) >>> 0; tag = this.next()) {
      if (tag === 0) throw new WireError("a group has no end", this.#at);
      this.skip(tag);
    }
    this.#depth -= 1;
  }

  #text(length: number): string {
    const start = this.#take(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  #varint64(): bigint {
    let value = 0n;
    for (let shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError("a number has more than 64 bits", this.#at);
  }

  /** What may not have more than 32 bits: a tag or a length. */
  #short(): number {
    const start = this.#at;
    const value = this.uint32();
    const bytes = this.#at - start;
    if (bytes < 5 || (bytes === 5 && (this.#bytes[start + 4] ?? 0) < 0x10)) return value;
    throw new WireError("a length or tag has more than 32 bits", start);
  }

  #length(): number {
    const length = this.#short();
    if (length > this.#end - this.#at) throw new WireError("it ends in the middle of a field", this.#at);
    return length;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  /** @returns where the bytes start. */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.#end - start) throw new WireError("it ends in the middle of a field", start);
    this.#at = start + count;
    return start;
  }
}

/** A field's number and how its value is written, as {@link WireReader.next} gives both. */
export function field(number: number, type: keyof typeof WIRE_TYPES): number {
  return (number << 3) | WIRE_TYPES[type];
}

const WIRE_TYPES = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export class WireError extends Error {
  override readonly name = "WireError";

  constructor(problem: string, at: number) {
    super(`${problem} (at byte ${at})`);
  }
}

/** Values alone, whose depth is bounded by the decoder (`MAX_VALUE_DEPTH`), take three messages a level. */
const MAX_DEPTH = 256;

/** An attribute is two. The largest body there may be (64 MiB), of vectors of numbers and nothing else, has a few less. */
const MAX_MESSAGES = 7_000_000;
/** Ten bytes of seven bits each. */
const MAX_VARINT_BITS = 70;

/** Longer ones are decoded each time: 512 KiB of names at most are remembered. */
const MAX_NAME_BYTES = 64;
/** By their hash; one that is like another takes its place. A few hundred are in use. */
const names: ({ bytes: Uint8Array; text: string } | undefined)[] = Array.from({ length: 4096 }, () => undefined);

function isAt(expected: Uint8Array, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < expected.length; index++) if (expected[index] !== bytes[start + index]) return false;
  return true;
}
