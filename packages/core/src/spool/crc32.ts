import { builtins } from "./builtins.ts";

/** Native where there is one (Node 20.15, Bun): 1 ms for 1 MB, where the table takes 3. */
type Crc32 = (bytes: Uint8Array, seed?: number) => number;

/** CRC-32 (ISO-HDLC). `seed`: the sum of what came before. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const { crc32: sum = crc32ByTable } = builtins.zlib as { crc32?: Crc32 };
  return sum(bytes, seed);
}

let table: Int32Array | undefined;

function makeTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    return sum;
  });
}

/** For runtimes without a native one. */
export function crc32ByTable(bytes: Uint8Array, seed = 0): number {
  table ??= makeTable();
  let sum = ~seed;
  for (const byte of bytes) sum = table[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
