/** Counts as delivered what arrived with the marker of its input and the one of its output (`support/markers.mjs`). */
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import * as zlib from "node:zlib";
import { MARKER } from "./markers.mjs";

const INPUT = 1;
const OUTPUT = 2;
/** Bodies are kept until this many bytes, so that reading them costs nothing while the clock runs; then read as they come. */
const MAX_KEPT_BYTES = 1024 ** 3;

const decoders = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  // Node 22.15 and newer.
  zstd: zlib.zstdDecompressSync,
};

export function createTally() {
  let kept = [];
  let keptBytes = 0;
  let wireBytes = 0;
  let bytes = 0;
  let unreadable = 0;
  /** One byte an event. */
  let seen = new Uint8Array(1 << 16);

  function mark(event, bit) {
    if (event >= seen.length) {
      const larger = new Uint8Array(Math.max(seen.length * 2, event + 1));
      larger.set(seen);
      seen = larger;
    }
    seen[event] |= bit;
  }

  function read(body, encoding) {
    let decoded = body;
    if (encoding && encoding !== "identity") {
      try {
        decoded = decoders[encoding](body);
      } catch {
        // Counted: the figures of a run with unreadable bodies say so.
        unreadable++;
        return;
      }
    }
    bytes += decoded.length;
    for (const [, side, event] of decoded.toString("latin1").matchAll(MARKER)) {
      mark(Number(event), side === "in" ? INPUT : OUTPUT);
    }
  }

  return {
    add(body, encoding) {
      wireBytes += body.length;
      if (keptBytes + body.length > MAX_KEPT_BYTES) {
        read(body, encoding);
        return;
      }
      kept.push([body, encoding]);
      keptBytes += body.length;
    },
    report() {
      for (const [body, encoding] of kept) read(body, encoding);
      kept = [];
      keptBytes = 0;
      let delivered = 0;
      for (const bits of seen) if (bits === (INPUT | OUTPUT)) delivered++;
      return { delivered, wireBytes, bytes, unreadable };
    },
  };
}
