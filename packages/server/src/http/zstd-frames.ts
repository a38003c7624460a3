const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEADER_BYTES = 3;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/**
 * The frames of a zstd body (RFC 8878, section 3). Node reads the first one, and takes one that is cut off for a whole one: what a sender
 * lost on the way would be stored as if it had been all.
 *
 * @throws when the last one is not whole, or something else is in between.
 */
export function splitZstdFrames(body: Uint8Array): Uint8Array[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const frames: Uint8Array[] = [];
  let start = 0;
  try {
    while (start < body.byteLength) {
      const magic = view.getUint32(start, true);
      if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
        start += 8 + view.getUint32(start + 4, true);
        continue;
      }
      if (magic !== MAGIC) throw new Error("no frame begins where one should");
      const end = frameEnd(view, start + 4);
      frames.push(body.subarray(start, end));
      start = end;
    }
  } catch (error) {
    throw error instanceof RangeError ? new Error("it is cut off") : error;
  }
  if (start > body.byteLength) throw new Error("it is cut off");
  if (frames.length === 0) throw new Error("it has no frame");
  return frames;
}

function frameEnd(view: DataView, afterMagic: number): number {
  const descriptor = view.getUint8(afterMagic);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let offset = afterMagic + 1 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (;;) {
    const header = view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) throw new Error("a block has no type");
    offset += BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : header >> 3);
    if ((header & 1) !== 0) break;
  }
  const hasChecksum = (descriptor & 0x04) !== 0;
  offset += hasChecksum ? 4 : 0;
  if (offset > view.byteLength) throw new RangeError("The frame ends beyond the body.");
  return offset;
}
