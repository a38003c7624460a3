/**
 * Reads `ExportTraceServiceResponse { partial_success = 1 { rejected_spans = 1 int64, error_message = 2 string } }`. Throws
 * on bytes that are no such message.
 */
export function readProtobufResponse(body: Uint8Array): { rejected: number; message: string } {
  let rejected = 0;
  let message = "";
  for (const partial of fieldsOf(body)) {
    if (partial.field !== 1 || !(partial.value instanceof Uint8Array)) continue;
    for (const { field, value } of fieldsOf(partial.value)) {
      // Negative ones have the highest bit set, and mean nothing.
      if (field === 1 && typeof value === "number") rejected = value < 2 ** 63 ? value : 0;
      if (field === 2 && value instanceof Uint8Array) message = new TextDecoder().decode(value);
    }
  }
  return { rejected, message };
}

interface Field {
  field: number;
  /** A number for varints, bytes for length-delimited fields; fixed-size ones are skipped. */
  value: number | Uint8Array | undefined;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      if (at >= bytes.length || scale > 2 ** 63) throw new RangeError("not a protobuf message");
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { field, value: varint() };
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        if (at + length > bytes.length) throw new RangeError("not a protobuf message");
        yield { field, value: bytes.subarray(at, at + length) };
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new RangeError("not a protobuf message");
    }
  }
}
