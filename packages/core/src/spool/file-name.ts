import { crc32 } from "./crc32.ts";
import { utf8 } from "../util/utf8.ts";

/** Everything that is decided about a file without opening it is in its name. Names sort by age. */
export interface FileName {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly sealedAtMs: number;
  /** See {@link destinationHash}. */
  readonly destination: string;
  /** Records inside. */
  readonly count: number;
}

const PATTERN = /^(\d{14})-[0-9a-f]{16}-\d{8}-([0-9a-f]{8})-(\d+)\.batch$/;

export function createFileName(
  sealedAtMs: number,
  instance: string,
  sequence: number,
  destination: string,
  count: number,
): FileName {
  const order = `${String(sealedAtMs).padStart(14, "0")}-${instance}-${String(sequence).padStart(8, "0")}`;
  return { name: `${order}-${destination}-${count}.batch`, sealedAtMs, destination, count };
}

/** `undefined` for a file that is not ours. */
export function parseFileName(name: string): FileName | undefined {
  const match = PATTERN.exec(name);
  return match ? { name, sealedAtMs: Number(match[1]), destination: match[2]!, count: Number(match[3]) } : undefined;
}

/** Finds the files that may be for a destination; the header inside says whether they are. */
export function destinationHash(destination: string): string {
  return crc32(utf8(destination)).toString(16).padStart(8, "0");
}
