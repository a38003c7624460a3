import { platform } from "#platform";
import type { BufferPool } from "../../transport/buffer-pool.ts";

const MIN_BYTES = 512;
/** Room beyond the expected size, so that a batch like the last one never grows the buffer. */
const HEADROOM = 1.1;
/** Unused room that a finished buffer may keep; with more it is copied to size. */
const MAX_SLACK = 0.25;
/** UTF-8 needs three bytes for a UTF-16 unit at most. */
export const MAX_BYTES_PER_UNIT = 3;
/** A length that is known later takes a four-byte varint (up to 256 MiB). Padded varints are valid protobuf. */
const SLOT_BYTES = 4;
const MAX_SLOT = 2 ** 28;
const MAX_VARINT_BYTES = 10;

/** The value of a hex digit by its character code. */
const NIBBLES = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) NIBBLES[digit.toString(16).charCodeAt(0)] = digit;

const withHeadroom = (bytes: number): number => Math.max(MIN_BYTES, Math.ceil(bytes * HEADROOM));

/**
 * Protobuf primitives over one growing buffer. https://protobuf.dev/programming-guides/encoding
 *
 * Every byte of every record passes here: methods keep the buffer and the position in locals and reserve once.
 */
export class ByteWriter {
  /** Written up to `length`; replaced when it grows. */
  buffer: Uint8Array<ArrayBuffer>;
  length = 0;

  /** None once the buffer has grown: it is twice as large as what it is for. */
  #pool: BufferPool | undefined;

  /** `pool`: where its buffer comes from, if there is one to spare, and goes where it is not handed out. */
  constructor(expectedBytes: number, pool?: BufferPool) {
    this.#pool = pool;
    this.buffer = pool?.take(expectedBytes) ?? platform.createBuffer(withHeadroom(expectedBytes));
  }

  /** What was written. A view where that fills the buffer, else a copy: a batch that waits must not hold unused room. */
  bytes(): Uint8Array<ArrayBuffer> {
    const written = this.buffer.subarray(0, this.length);
    if (this.buffer.byteLength - this.length <= this.length * MAX_SLACK) return written;
    // With headroom too: it is what a later batch is written to.
    const copy = this.#copy(withHeadroom(this.length));
    this.#pool?.give(this.buffer);
    return copy.subarray(0, this.length);
  }

  #copy(bytes: number): Uint8Array<ArrayBuffer> {
    const copy = platform.createBuffer(bytes);
    copy.set(this.buffer.subarray(0, this.length));
    return copy;
  }

  /** Makes room for `bytes` more, so that the caller may write to `buffer` itself. */
  reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.byteLength) return;
    this.buffer = this.#copy(Math.max(needed, this.buffer.byteLength * 2));
    this.#pool = undefined;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.byteLength);
    this.buffer.set(bytes, this.length);
    this.length += bytes.byteLength;
  }

  /** Non-negative integers up to 2^53. */
  varint(value: number): void {
    this.reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  /** Any safe integer as int64: negative ones take ten bytes. */
  int64(value: number): void {
    if (value >= 0) {
      this.varint(value);
      return;
    }
    this.reserve(MAX_VARINT_BYTES);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.length++] = Number(rest);
  }

  double(value: number): void {
    this.raw(new Uint8Array(new Float64Array([value]).buffer));
  }

  /** Epoch milliseconds as fixed64 nanoseconds, exact to the microsecond, without BigInt on the hot path. */
  nanos(epochMs: number): void {
    const micros = Math.round(epochMs * 1000);
    const low = (micros % 0x1_0000_0000) * 1000;
    // An int32 always: a number that outgrows it some seconds after the start makes V8 compile all of this again.
    this.fixed32(low | 0);
    this.fixed32(Math.floor(micros / 0x1_0000_0000) * 1000 + Math.floor(low / 0x1_0000_0000));
  }

  fixed32(value: number): void {
    this.reserve(4);
    const { buffer, length: at } = this;
    buffer[at] = value;
    buffer[at + 1] = value >>> 8;
    buffer[at + 2] = value >>> 16;
    buffer[at + 3] = value >>> 24;
    this.length = at + 4;
  }

  /** Bytes given as hex digits, with their length (below 128) before them. */
  hex(digits: string): void {
    const { length } = digits;
    this.reserve(1 + length / 2);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = length / 2;
    for (let i = 0; i < length; i += 2) {
      buffer[at++] = (NIBBLES[digits.charCodeAt(i)]! << 4) | NIBBLES[digits.charCodeAt(i + 1)]!;
    }
    this.length = at;
  }

  /** UTF-8 and nothing else. */
  utf8(value: string): void {
    this.reserve(value.length * MAX_BYTES_PER_UNIT);
    this.length += platform.writeUtf8(this.buffer, value, this.length);
  }

  /** UTF-8 with its length before it. */
  text(value: string): void {
    if (value.length < 0x80 && this.ascii(value, this.length + 1)) {
      this.buffer[this.length] = value.length;
      this.length += 1 + value.length;
      return;
    }
    const slot = this.lengthSlot();
    this.utf8(value);
    this.fillLength(slot);
  }

  /** Writes a short text at `offset` if it is ASCII, as most are: a call into the platform costs more. Moves no position. */
  ascii(value: string, offset: number): boolean {
    const { length } = value;
    this.reserve(offset + length - this.length);
    const { buffer } = this;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[offset + i] = code;
    }
    return true;
  }

  /** Copies what was written between two positions to the end. */
  repeat(from: number, to: number): void {
    this.reserve(to - from);
    this.buffer.copyWithin(this.length, from, to);
    this.length += to - from;
  }

  /** Room for a length that is known later; see {@link fillLength}. */
  lengthSlot(): number {
    this.reserve(SLOT_BYTES);
    const at = this.length;
    this.length += SLOT_BYTES;
    return at;
  }

  /** Fills a slot with the number of bytes written since. @throws RangeError for 256 MiB and more. */
  fillLength(slot: number): void {
    const length = this.length - slot - SLOT_BYTES;
    if (length >= MAX_SLOT) throw new RangeError(`a field of ${length} bytes cannot be encoded`);
    const { buffer } = this;
    buffer[slot] = (length & 0x7f) | 0x80;
    buffer[slot + 1] = ((length >>> 7) & 0x7f) | 0x80;
    buffer[slot + 2] = ((length >>> 14) & 0x7f) | 0x80;
    buffer[slot + 3] = (length >>> 21) & 0x7f;
  }
}
