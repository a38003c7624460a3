import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32, crc32ByTable } from "../../src/spool/crc32.ts";
import { decodeEntry, encodeEntry, type EntryHeader } from "../../src/spool/entry-file.ts";
import { createFileName, destinationHash, parseFileName } from "../../src/spool/file-name.ts";

const header = (bytes: number): EntryHeader => ({
  destination: "spanwise http://localhost:4777/v1/traces application/x-protobuf",
  envelope: [["service.name", "shop\n"]],
  ends: [bytes],
  ids: ["a"],
  gzipped: false,
  headBytes: 0,
});

const encoded = (payload: Uint8Array): Uint8Array => Buffer.concat(encodeEntry(header(payload.byteLength), payload));

test("the sum is CRC-32, by the table as by the runtime, in parts as at once", () => {
  expect(crc32ByTable(Buffer.from("123456789"))).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      const whole = Buffer.concat([first, second]);
      expect(crc32ByTable(second, crc32ByTable(first))).toBe(crc32ByTable(whole));
      expect(crc32(second, crc32(first))).toBe(crc32ByTable(whole));
    }),
  );
});

describe("a file", () => {
  test("comes back as it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (payload) => {
        const entry = decodeEntry(encoded(payload));
        expect(entry?.header).toEqual(header(payload.byteLength));
        expect(Buffer.from(entry!.payload).equals(payload)).toBe(true);
      }),
    );
  });

  test("that was cut at any place is not taken", () => {
    const whole = encoded(new Uint8Array(50).fill(7));
    for (let length = 0; length < whole.byteLength; length++) {
      expect(decodeEntry(whole.subarray(0, length))).toBeUndefined();
    }
  });

  test("with any one byte altered is not taken, or is the same", () => {
    const whole = encoded(new Uint8Array(50).fill(7));
    for (let at = 0; at < whole.byteLength; at++) {
      const altered = Uint8Array.from(whole);
      altered[at]! ^= 0x21;
      const entry = decodeEntry(altered);
      if (entry) expect(entry.header).toEqual(header(50));
    }
  });

  test("with zeros at its end, as a power failure leaves it, is not taken", () => {
    const whole = encoded(new Uint8Array(50).fill(7));
    whole.subarray(-20).fill(0);
    expect(decodeEntry(whole)).toBeUndefined();
  });

  test.each([
    ["no header", Buffer.from("spanwise-spool-1 2 0 0\n{}")],
    ["another program's", Buffer.from("hello\nworld")],
    ["nothing", new Uint8Array()],
    ["one long line", new Uint8Array(10_000).fill(65)],
  ])("with %s is not taken", (_, bytes) => expect(decodeEntry(bytes)).toBeUndefined());
});

test("a file's name says when, for whom and how many, and sorts by age", () => {
  const hash = destinationHash("somewhere");
  const old = createFileName(999, "0".repeat(16), 3, hash, 12);
  const young = createFileName(1_700_000_000_000, "0".repeat(16), 1, hash, 1);
  expect(parseFileName(old.name)).toEqual(old);
  expect([young.name, old.name].toSorted()).toEqual([old.name, young.name]);
  for (const other of ["owner.json", `${old.name}.tmp`, `../${old.name}`, ""])
    expect(parseFileName(other)).toBeUndefined();
});
