import { expect, it } from "vitest";
import { splitZstdFrames } from "../src/http/zstd-frames.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");
/** One raw block, with the size of the content in the head. */
const RAW = "28b52ffd 20 03 190000 616263";
/** A window, no size, a block of one byte repeated, then an empty last one, and a checksum. */
const REPEATED = "28b52ffd 04 58 220000 61 010000 aabbccdd";

it.each([
  ["one", RAW, [12]],
  ["several", RAW + REPEATED + RAW, [12, 17, 12]],
  ["one after what is to be skipped", `502a4d18 02000000 ffff ${RAW}`, [12]],
])("finds the frames of %s", (_, hex, lengths) => {
  expect(splitZstdFrames(bytes(hex)).map(({ byteLength }) => byteLength)).toEqual(lengths);
});

it("refuses every body that is cut off, and what is none", () => {
  const whole = bytes(RAW + REPEATED);
  for (let length = 0; length < whole.byteLength; length += 1) {
    if (length === 12) continue;
    expect(() => splitZstdFrames(whole.subarray(0, length)), String(length)).toThrow(/cut off|no frame/);
  }
  expect(() => splitZstdFrames(bytes(`${RAW} 00000000`))).toThrow("no frame begins");
  expect(() => splitZstdFrames(bytes("502a4d18 ff000000"))).toThrow("cut off");
  expect(() => splitZstdFrames(bytes("28b52ffd 20 03 1f0000 616263"))).toThrow("no type");
});
