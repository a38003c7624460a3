import { createAdaptorServer } from "@hono/node-server";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { isLoopback, type ApiKeys } from "./host-guard.ts";
import { BodyBudget, DEFAULT_BODY_LIMITS } from "./http/body.ts";
import { ChangeBus } from "./live/bus.ts";
import { LiveStreams } from "./live/sse.ts";
import { DEFAULT_MAX_MEDIA_BYTES } from "./media/routes.ts";
import { ProjectPrices } from "./pricing/project-prices.ts";
import { findViewer } from "./static.ts";
import { createMemoryStore } from "./store/memory/memory-store.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";
import type { Store } from "./store/store.ts";

export interface ServerOptions {
  /** TCP port; 0 takes any free one. Default 4777. */
  port?: number | undefined;
  /** Address to listen on. Default `127.0.0.1`. Any that other machines can reach demands `publicKey` and `secretKey`. */
  host?: string | undefined;
  /** Path of the SQLite file, made when missing, or `":memory:"` to keep nothing. Default `.spanwise/spanwise.db`. */
  db?: string | undefined;
  /** Keys that clients must send as Basic auth; both or neither. Default: any credentials are accepted. */
  publicKey?: string | undefined;
  secretKey?: string | undefined;
  /** Largest body as sent, in bytes. Default 32 MiB. */
  maxWireBytes?: number | undefined;
  /** Largest body after decompression, in bytes. Default 64 MiB. */
  maxBodyBytes?: number | undefined;
  /** Largest media, in bytes. Default 64 MiB. */
  maxMediaBytes?: number | undefined;
  /** Bytes waiting to be committed, above which ingest answers 429. Default 256 MiB. */
  maxQueueBytes?: number | undefined;
  /** Called with what went wrong inside the server; clients are told 500 and no more. Default: one line on stderr. */
  onError?: ((error: unknown) => void) | undefined;
}

export interface SpanwiseServer {
  /** Where a browser finds it, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  /** Answers what is being asked, commits what was accepted, and lets go of port, file and threads. Idempotent. */
  close(): Promise<void>;
}

export const DEFAULT_PORT = 4777;
export const DEFAULT_HOST = "127.0.0.1";
/** Beside the project whose traces it holds, as build caches are; one folder, so one line in .gitignore. */
export const DEFAULT_DB = ".spanwise/spanwise.db";

/** How long requests may go on after `close` before their connections are cut. */
const DRAIN_MS = 5000;
const SWEEP_MS = 20;

/** The options contradict each other or the rules. */
export class ServerOptionsError extends Error {
  override readonly name = "ServerOptionsError";
}

/**
 * Starts a server and resolves when it listens.
 *
 * @throws {ServerOptionsError} for half a pair of keys, or an address that others can reach without keys.
 * @throws {StoreOpenError} when the database cannot be opened.
 * @throws a Node error with `code: "EADDRINUSE"` when the port is taken.
 * @example
 * const server = await createServer({ port: 0, db: ":memory:" });
 * process.env.SPANWISE_BASE_URL = server.url;
 */
export async function createServer(options: ServerOptions = {}): Promise<SpanwiseServer> {
  const { port = DEFAULT_PORT, host = DEFAULT_HOST, db = DEFAULT_DB, onError = logError } = options;
  const keys = readKeys(options, host);
  const store =
    db === ":memory:" ? createMemoryStore() : await openSqliteStore({ path: db, maxQueueBytes: options.maxQueueBytes });
  const bus = new ChangeBus();
  const live = new LiveStreams(bus);
  const limits = {
    maxWireBytes: options.maxWireBytes ?? DEFAULT_BODY_LIMITS.maxWireBytes,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_BODY_LIMITS.maxBodyBytes,
  };
  const app = createApp({
    ingest: { store, bus, prices: new ProjectPrices(store), limits, budget: new BodyBudget() },
    live,
    maxMediaBytes: options.maxMediaBytes ?? DEFAULT_MAX_MEDIA_BYTES,
    isLoopback: isLoopback(host),
    keys,
    viewer: findViewer(),
    onError,
  });
  const http = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  try {
    http.listen(port, host);
    await once(http, "listening");
  } catch (error) {
    await store.close();
    throw error;
  }
  const address = http.address() as AddressInfo;

  let closing: Promise<void> | undefined;
  return {
    url: `http://${urlHost(host)}:${address.port}`,
    port: address.port,
    store,
    close() {
      closing ??= closeAll(http, live, store);
      return closing;
    },
  };
}

async function closeAll(http: Server, live: LiveStreams, store: Store): Promise<void> {
  const closed = once(http, "close");
  http.close();
  live.close();
  // A connection falls idle when its last answer is out, and Node tells nobody: it is looked for until all are closed.
  const sweep = setInterval(() => http.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => http.closeAllConnections(), DRAIN_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
  await store.close();
}

function readKeys({ publicKey, secretKey }: ServerOptions, host: string): ApiKeys | undefined {
  if ((publicKey ?? "") !== "" && (secretKey ?? "") !== "")
    return { publicKey: publicKey ?? "", secretKey: secretKey ?? "" };
  if ((publicKey ?? "") !== "" || (secretKey ?? "") !== "") {
    throw new ServerOptionsError("The public key and the secret key come together.");
  }
  if (isLoopback(host)) return undefined;
  throw new ServerOptionsError(
    `Other machines can reach ${host}: set --public-key and --secret-key, or SPANWISE_PUBLIC_KEY and SPANWISE_SECRET_KEY.`,
  );
}

/** An address that means "all of them" is no address to visit. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "127.0.0.1") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

function logError(error: unknown): void {
  process.stderr.write(`spanwise: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
