import type { KeyPair } from "./auth/secrets.ts";

export interface ServerOptions {
  /** TCP port; 0 takes any free one. Default 4777. */
  port?: number | undefined;
  /** Address to listen on. Default `127.0.0.1`. Any that other machines can reach demands `publicKey` and `secretKey`. */
  host?: string | undefined;
  /** Path of the SQLite file, made when missing, or `":memory:"` to keep nothing. Default `.spanwise/spanwise.db`. */
  db?: string | undefined;
  /**
   * Keys that open everything, sent as Basic auth; both or neither. With them, and with `keys`, every request needs keys: these or those of a
   * project. Default: any credentials are accepted.
   */
  publicKey?: string | undefined;
  secretKey?: string | undefined;
  /** Ask for keys on loopback too. Default: only where other machines can reach the server. */
  keys?: boolean | undefined;
  /**
   * Path that a reverse proxy serves this server under, `/spanwise` for example. It may pass the path on or take it away: both are understood.
   * Default: none.
   */
  basePath?: string | undefined;
  /** Requests answered at one time, above which the answer is 429. Default 512. */
  maxConcurrentRequests?: number | undefined;
  /** Requests a second of one project, above which the answer is 429; 0 sets no limit. Default: 0 on loopback, else 1000. */
  maxRequestsPerSecond?: number | undefined;
  /** Largest body as sent, in bytes. Default 32 MiB. */
  maxWireBytes?: number | undefined;
  /** Largest body after decompression, in bytes. Default 64 MiB. */
  maxBodyBytes?: number | undefined;
  /** Largest media, in bytes. Default 64 MiB. */
  maxMediaBytes?: number | undefined;
  /** Observations of a trace that is answered in one piece, above which the answer is 413 and says where to read it. Default 100 000. */
  maxTraceObservations?: number | undefined;
  /** Bytes waiting to be committed, above which ingest answers 429. Default 256 MiB. */
  maxQueueBytes?: number | undefined;
  /** Called with what went wrong inside the server; clients are told 500 and no more. Default: one line on stderr. */
  onError?: ((error: unknown) => void) | undefined;
}

export const DEFAULT_PORT = 4777;
/** Seven seconds and 50 MB of answer. */
export const DEFAULT_MAX_TRACE_OBSERVATIONS = 100_000;
export const DEFAULT_HOST = "127.0.0.1";
/** Beside the project whose traces it holds, as build caches are; one folder, so one line in .gitignore. */
export const DEFAULT_DB = ".spanwise/spanwise.db";

/** The options contradict each other or the rules. */
export class ServerOptionsError extends Error {
  override readonly name = "ServerOptionsError";
}

/** @returns the path without a slash at its end, "" for none. @throws {ServerOptionsError} for what is no plain path. */
export function readBasePath({ basePath = "" }: ServerOptions): string {
  const path = basePath.replace(/\/+$/, "");
  if (/^(\/[\w.~-]+)*$/.test(path)) return path;
  throw new ServerOptionsError(
    `The base path ${basePath} is none: it is like /spanwise, of letters, digits and . _ ~ -`,
  );
}

/** @throws {ServerOptionsError} for half a pair. */
export function readKeyPair({ publicKey = "", secretKey = "" }: ServerOptions): KeyPair | undefined {
  if (publicKey !== "" && secretKey !== "") return { publicKey, secretKey };
  if (publicKey === "" && secretKey === "") return undefined;
  throw new ServerOptionsError("The public key and the secret key come together.");
}
