import { crc32 } from "./crc32.ts";
import { utf8 } from "../util/utf8.ts";

/**
 * One file holds one batch:
 *
 *     spanwise-spool-1 <bytes of the header> <bytes of the payload> <CRC-32 of both, hex>\n
 *     header (JSON), payload (as it is sent)
 *
 * A file that was cut short or altered does not pass the lengths and the sum.
 */
const MAGIC = "spanwise-spool-1";
/** The first line is far shorter; what has no end of line by then is not ours. */
const MAX_FIRST_LINE = 100;
const NEWLINE = 10;

export interface EntryHeader {
  readonly destination: string;
  readonly envelope: unknown;
  /** The end of each record within the records' bytes. */
  readonly ends: readonly number[];
  /** Names each record in a backend's answer. */
  readonly ids: readonly string[];
  /** The payload is a gzipped body, with `headBytes` before the records; else it is the records. */
  readonly gzipped: boolean;
  readonly headBytes: number;
}

/** In two parts, so that the payload is not copied. */
export function encodeEntry(header: EntryHeader, payload: Uint8Array): [head: Uint8Array, payload: Uint8Array] {
  const json = utf8(JSON.stringify(header));
  const sum = crc32(payload, crc32(json)).toString(16);
  const line = utf8(`${MAGIC} ${json.byteLength} ${payload.byteLength} ${sum}\n`);
  const head = new Uint8Array(line.byteLength + json.byteLength);
  head.set(line);
  head.set(json, line.byteLength);
  return [head, payload];
}

/** `undefined` for what is not whole. */
export function decodeEntry(file: Uint8Array): { header: EntryHeader; payload: Uint8Array } | undefined {
  const lineEnd = file.subarray(0, MAX_FIRST_LINE).indexOf(NEWLINE);
  if (lineEnd < 0) return undefined;
  const [magic, headerBytes, payloadBytes, sum] = new TextDecoder().decode(file.subarray(0, lineEnd)).split(" ");
  if (magic !== MAGIC) return undefined;
  const rest = file.subarray(lineEnd + 1);
  if (rest.byteLength !== Number(headerBytes) + Number(payloadBytes)) return undefined;
  if (crc32(rest).toString(16) !== sum) return undefined;
  const payload = rest.subarray(Number(headerBytes));
  const header = parse(new TextDecoder().decode(rest.subarray(0, Number(headerBytes))));
  return header && isConsistent(header, payload) ? { header, payload } : undefined;
}

function parse(json: string): EntryHeader | undefined {
  try {
    return JSON.parse(json) as EntryHeader;
  } catch {
    // The sum was right, so another version wrote it: nothing of ours to send.
    return undefined;
  }
}

function isConsistent({ ends, ids, gzipped }: EntryHeader, payload: Uint8Array): boolean {
  return ends.length > 0 && ends.length === ids.length && (gzipped || ends.at(-1) === payload.byteLength);
}
