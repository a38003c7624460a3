import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { CLIENT_TIMEOUT_MS, newerNode } from "./run-client.ts";

const decompressPath = fileURLToPath(new URL("../../src/http/decompress.ts", import.meta.url));

/** Runs where zstd is: Node 24 reads the sources as they are. */
const PROGRAM = `
import { randomBytes } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { decompress } from ${JSON.stringify(decompressPath)};

const text = randomBytes(400_000);
const whole = zstdCompressSync(text);
const half = (part) => zstdCompressSync(text.subarray(part * 200_000, (part + 1) * 200_000));
const read = async (wire, maxBytes = 1_000_000) => {
  try {
    return Buffer.from(await decompress("zstd", wire, maxBytes, () => {})).equals(text);
  } catch (error) {
    return error.status + " " + error.code;
  }
};
const cuts = new Set();
for (let end = 1; end < whole.length; end += 997) cuts.add(await read(whole.subarray(0, end)));
console.log(JSON.stringify({
  whole: await read(whole),
  frames: await read(Buffer.concat([half(0), half(1)])),
  skipped: await read(Buffer.concat([Buffer.from("502a4d1803000000616263", "hex"), whole])),
  cuts: [...cuts],
  rest: await read(Buffer.concat([whole, Buffer.from("rest")])),
  large: await read(whole, 399_999),
  largeTogether: await read(Buffer.concat([half(0), half(1)]), 399_999),
  bomb: await read(zstdCompressSync(Buffer.alloc(100_000_000))),
}));
`;

it("reads all frames of a zstd body, and nothing of one that is cut off", { timeout: CLIENT_TIMEOUT_MS }, (context) => {
  const node = newerNode();
  if (node === null) {
    context.skip("zstd needs Node 22.15: npx could not get node@24.");
    return;
  }
  const args = ["--input-type=module", "--no-warnings", "--eval", PROGRAM];
  expect(JSON.parse(execFileSync(node, args, { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } }))).toEqual(
    {
      whole: true,
      frames: true,
      skipped: true,
      cuts: ["400 bad_zstd"],
      rest: "400 bad_zstd",
      large: "413 too_large",
      largeTogether: "413 too_large",
      bomb: "413 too_large",
    },
  );
});
