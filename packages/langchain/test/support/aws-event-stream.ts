import { crc32 } from "node:zlib";

/** The type of a header's value that is a text. */
const STRING_TYPE = 7;

/**
 * One event of AWS's binary event stream: total length, length of the headers, checksum of the two; headers; payload; checksum
 * of all (https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html).
 */
export function awsEvent(type: string, payload: object): Uint8Array {
  const headers = Buffer.concat(
    Object.entries({ ":event-type": type, ":content-type": "application/json", ":message-type": "event" }).map(
      ([name, value]) => {
        const length = Buffer.alloc(3);
        length.writeUInt8(STRING_TYPE, 0);
        length.writeUInt16BE(Buffer.byteLength(value), 1);
        return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]);
      },
    ),
  );
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + body.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, headers, body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(message), 0);
  return Buffer.concat([message, checksum]);
}
