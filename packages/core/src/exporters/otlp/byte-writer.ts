import { platform } from "#platform";

const MIN_BYTES = 512;
/** Room beyond the expected size, so that a batch like the last one never grows the buffer. */
const HEADROOM = 1.1;
/** Unused room that a finished buffer may keep; with more it is copied to size. */
const MAX_SLACK = 0.25;
const SHORT_CHARS = 40;
/** UTF-8 needs three bytes for a UTF-16 unit at most. */
const MAX_BYTES_PER_UNIT = 3;

/** Protobuf primitives over one growing buffer. https://protobuf.dev/programming-guides/encoding */
export class ByteWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  length = 0;

  constructor(expectedBytes: number) {
    this.#buffer = platform.createBuffer(Math.max(MIN_BYTES, Math.ceil(expectedBytes * HEADROOM)));
    this.#view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset);
  }

  /** What was written. A view where that fills the buffer, else a copy: a batch that waits must not hold unused room. */
  bytes(): Uint8Array<ArrayBuffer> {
    const written = this.#buffer.subarray(0, this.length);
    if (this.#buffer.byteLength - this.length <= this.length * MAX_SLACK) return written;
    const copy = platform.createBuffer(this.length);
    copy.set(written);
    return copy;
  }

  /** Forgets what was written after `length`. */
  rewind(length: number): void {
    this.length = length;
  }

  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.#buffer.byteLength) return;
    const grown = platform.createBuffer(Math.max(needed, this.#buffer.byteLength * 2));
    grown.set(this.#buffer.subarray(0, this.length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer, grown.byteOffset);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.byteLength);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.byteLength;
  }

  /** Non-negative integers up to 2^53. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.length++] = rest;
  }

  /** Any safe integer as int64: negative ones take ten bytes. */
  int64(value: number): void {
    if (value >= 0) {
      this.varint(value);
      return;
    }
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.length++] = Number(rest);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Epoch milliseconds as fixed64 nanoseconds, exact to the microsecond, without BigInt on the hot path. */
  nanos(epochMs: number): void {
    this.#reserve(8);
    const micros = Math.round(epochMs * 1000);
    const low = (micros % 0x1_0000_0000) * 1000;
    const high = Math.floor(micros / 0x1_0000_0000) * 1000 + Math.floor(low / 0x1_0000_0000);
    this.#view.setUint32(this.length, low % 0x1_0000_0000, true);
    this.#view.setUint32(this.length + 4, high, true);
    this.length += 8;
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Bytes given as hex digits, with their length before them. */
  hex(digits: string): void {
    const bytes = digits.length / 2;
    this.varint(bytes);
    this.#reserve(bytes);
    for (let i = 0; i < digits.length; i += 2) {
      this.#buffer[this.length++] = (hexDigit(digits.charCodeAt(i)) << 4) | hexDigit(digits.charCodeAt(i + 1));
    }
  }

  /** UTF-8 and nothing else. */
  utf8(value: string): void {
    this.#reserve(value.length * MAX_BYTES_PER_UNIT);
    this.length += this.#writeUtf8(value, this.length);
  }

  /** A short ASCII text, the usual attribute, is written faster here than by a call into the platform. */
  #writeUtf8(value: string, offset: number): number {
    const { length } = value;
    if (length > SHORT_CHARS) return platform.writeUtf8(this.#buffer, value, offset);
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return platform.writeUtf8(this.#buffer, value, offset);
      this.#buffer[offset + i] = code;
    }
    return length;
  }

  /** UTF-8 with its length before it. */
  text(value: string): void {
    this.textWithin(value, NO_PREFIX);
  }

  /**
   * UTF-8 with its length before it, and before that whatever `prefix` says for that length. The text is written where it
   * belongs if it is ASCII, the usual case, and moved by a byte or two if it is not.
   */
  textWithin(value: string, prefix: TextPrefix): void {
    this.#reserve(prefix.maxBytes + 5 + value.length * MAX_BYTES_PER_UNIT);
    const start = this.length;
    const guess = start + prefix.bytes(value.length) + varintBytes(value.length);
    const written = this.#writeUtf8(value, guess);
    const at = start + prefix.bytes(written) + varintBytes(written);
    if (at !== guess) this.#buffer.copyWithin(at, guess, guess + written);
    prefix.write(this, written);
    this.varint(written);
    this.length = at + written;
  }

  /** Copies what was written between two positions to the end. */
  repeat(from: number, to: number): void {
    this.#reserve(to - from);
    this.#buffer.copyWithin(this.length, from, to);
    this.length += to - from;
  }

  /** Room for a length that is known later, as a four-byte varint (up to 256 MiB); see {@link fillLength}. */
  lengthSlot(): number {
    this.#reserve(4);
    const at = this.length;
    this.length += 4;
    return at;
  }

  /** Fills a slot with the number of bytes written since. Padded varints are valid protobuf. */
  fillLength(slot: number): void {
    const length = this.length - slot - 4;
    this.#buffer[slot] = (length & 0x7f) | 0x80;
    this.#buffer[slot + 1] = ((length >>> 7) & 0x7f) | 0x80;
    this.#buffer[slot + 2] = ((length >>> 14) & 0x7f) | 0x80;
    this.#buffer[slot + 3] = (length >>> 21) & 0x7f;
  }
}

/** What stands between a field's tag and its text when the text is nested: its size depends on the text's. */
export interface TextPrefix {
  readonly maxBytes: number;
  bytes(textBytes: number): number;
  write(writer: ByteWriter, textBytes: number): void;
}

const NO_PREFIX: TextPrefix = { maxBytes: 0, bytes: () => 0, write: () => {} };

export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < 0x1000_0000) return 4;
  return 5;
}

function hexDigit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
