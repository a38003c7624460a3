import { resolve } from "node:path";
import { createApp } from "./app.ts";
import { KeyRing } from "./auth/key-ring.ts";
import { Sessions } from "./auth/sessions.ts";
import { isLoopback } from "./host-guard.ts";
import { BodyBudget, DEFAULT_BODY_LIMITS } from "./http/body.ts";
import { KnownProjects } from "./http/known-projects.ts";
import { Listener } from "./http/listener.ts";
import { DEFAULT_MAX_CONCURRENT, DEFAULT_MAX_PER_SECOND, TokenBuckets } from "./http/limits.ts";
import { IntakeThread } from "./ingest/intake/intake-thread.ts";
import { LangfuseBatches } from "./ingest/langfuse/receive.ts";
import { ChangeBus } from "./live/bus.ts";
import { InstanceWatch } from "./live/instances.ts";
import { LiveStreams } from "./live/sse.ts";
import { DEFAULT_MAX_MEDIA_BYTES } from "./media/routes.ts";
import { ProjectPrices } from "./pricing/project-prices.ts";
import { IngestMonitor } from "./settings/ingest-monitor.ts";
import { Retention } from "./settings/retention.ts";
import { StatusReader } from "./settings/status.ts";
import { findViewer } from "./static.ts";
import { createMemoryStore } from "./store/memory/memory-store.ts";
import {
  DEFAULT_DB,
  DEFAULT_HOST,
  DEFAULT_MAX_TRACE_OBSERVATIONS,
  DEFAULT_PORT,
  ServerOptionsError,
  readBasePath,
  readKeyPair,
  type ServerOptions,
} from "./server-options.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";
import type { Store } from "./store/store.ts";

export interface SpanwiseServer {
  /** Where a browser finds it, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Logs a browser in where keys are asked for; `null` where they are not. A secret. */
  readonly loginUrl: string | null;
  readonly store: Store;
  /** Answers what is being asked, commits what was accepted, and lets go of port, file and threads. Idempotent. */
  close(): Promise<void>;
}

/** Wrong keys of one address at once; one more a second. */
const FAILED_ATTEMPTS = 20;

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
  const { port = DEFAULT_PORT, host = DEFAULT_HOST, db = DEFAULT_DB } = options;
  const ownKeys = readKeyPair(options);
  const basePath = readBasePath(options);
  // The port first: that it is taken shows at once, and clients that come while the database opens are answered after.
  const listener = new Listener();
  const url = `http://${urlHost(host)}:${await listener.listen(port, host)}`;
  try {
    const sqlite = db === ":memory:" ? null : await openSqliteStore({ path: db, maxQueueBytes: options.maxQueueBytes });
    const store = sqlite ?? createMemoryStore();
    const thread = sqlite && new IntakeThread(sqlite);
    const isReachable = !isLoopback(host);
    const required = isReachable || ownKeys !== undefined || options.keys === true;
    const keys = new KeyRing(store, ownKeys, required);
    try {
      await keys.load();
      if (isReachable && keys.isEmpty) throw new ServerOptionsError(explainMissingKeys(host));
      return run(options, { listener, store, thread, keys, required, url, basePath });
    } catch (error) {
      await keys.close();
      await store.close();
      throw error;
    }
  } catch (error) {
    listener.cut();
    throw error;
  }
}

interface Parts {
  listener: Listener;
  store: Store;
  thread: IntakeThread | null;
  keys: KeyRing;
  required: boolean;
  url: string;
  basePath: string;
}

function run(
  options: ServerOptions,
  { listener, store, thread, keys, required, url, basePath }: Parts,
): SpanwiseServer {
  const { host = DEFAULT_HOST, db = DEFAULT_DB, onError = logError } = options;
  const bus = new ChangeBus();
  const live = new LiveStreams(bus);
  const instances = new InstanceWatch(store, bus, onError);
  const monitor = new IngestMonitor();
  const guard = { keys, sessions: new Sessions(), required, attempts: new TokenBuckets(FAILED_ATTEMPTS, 1) };
  const bodyLimits = {
    maxWireBytes: options.maxWireBytes ?? DEFAULT_BODY_LIMITS.maxWireBytes,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_BODY_LIMITS.maxBodyBytes,
  };
  const retention = new Retention(store, onError);
  const dbPath = db === ":memory:" ? null : resolve(db);
  const facts = { dbPath, isLoopback: isLoopback(host), keysRequired: required };
  const ingest = {
    store,
    bus,
    instances,
    prices: new ProjectPrices(store),
    monitor,
    limits: bodyLimits,
    budget: new BodyBudget(),
    thread,
  };
  const batches = new LangfuseBatches(ingest, onError);
  const app = createApp({
    ingest,
    batches,
    live,
    guard,
    projects: new KnownProjects(store),
    limits: {
      maxConcurrent: options.maxConcurrentRequests ?? DEFAULT_MAX_CONCURRENT,
      maxPerSecond: options.maxRequestsPerSecond ?? (facts.isLoopback ? 0 : DEFAULT_MAX_PER_SECOND),
    },
    settings: {
      retention,
      status: new StatusReader({
        store,
        monitor,
        instances,
        listener,
        url: () => url,
        ...facts,
      }),
    },
    maxMediaBytes: options.maxMediaBytes ?? DEFAULT_MAX_MEDIA_BYTES,
    maxTraceObservations: options.maxTraceObservations ?? DEFAULT_MAX_TRACE_OBSERVATIONS,
    isLoopback: facts.isLoopback,
    basePath,
    viewer: findViewer(),
    onError,
  });
  instances.start();
  listener.answerWith((request, env) => app.fetch(request, env));

  let closing: Promise<void> | undefined;
  return {
    url,
    port: Number(new URL(url).port),
    loginUrl: required ? `${url}/login?token=${guard.sessions.loginToken}` : null,
    store,
    close() {
      closing ??= (async () => {
        live.close();
        await listener.close();
        retention.close();
        await instances.close();
        await batches.close();
        await thread?.close();
        await keys.close();
        await store.close();
      })();
      return closing;
    },
  };
}

function explainMissingKeys(host: string): string {
  return (
    `Other machines can reach ${host}: set --public-key and --secret-key, or SPANWISE_PUBLIC_KEY and SPANWISE_SECRET_KEY, ` +
    "or make a key with spanwise keys create."
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
