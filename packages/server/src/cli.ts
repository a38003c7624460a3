import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createServer, type SpanwiseServer } from "./server.ts";
import { DEFAULT_DB, DEFAULT_HOST, DEFAULT_PORT, ServerOptionsError, type ServerOptions } from "./server-options.ts";
import { StoreOpenError } from "./store/store.ts";
import { VERSION } from "./version.ts";

const HELP = `Usage: spanwise [serve] [options]

Starts the Spanwise server: OTLP ingest, storage and the web viewer in one process.

Options
  --port <number>      port to listen on (default ${DEFAULT_PORT}, or the next free one; 0: any free one)
  --host <address>     address to listen on (default ${DEFAULT_HOST}); others than loopback need keys
  --db <file>          SQLite file, made when missing (default ${DEFAULT_DB} in the current folder);
                       ":memory:" keeps nothing
  --public-key <key>   demanded of clients as Basic auth, with --secret-key
  --secret-key <key>   better given as SPANWISE_SECRET_KEY: arguments can be seen in process lists
  --json               print one JSON line { url, port, db, pid } when ready, and nothing else
  -h, --help           print this
  -v, --version        print the version

Environment
  SPANWISE_PUBLIC_KEY, SPANWISE_SECRET_KEY
`;

/** Ports tried after the default one when it is taken. */
const MAX_PORT_TRIES = 20;

/** A mistake of the caller's: told in one line, without a stack. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

interface CliOptions {
  server: ServerOptions & { db: string; host: string };
  /** `undefined`: the default, and the next free one will do. */
  port: number | undefined;
  json: boolean;
}

/** Runs the command line; the process ends by itself when the server is closed. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    const options = readOptions(args, env);
    if (typeof options === "string") {
      process.stdout.write(options);
      return;
    }
    await serve(options);
  } catch (error) {
    process.stderr.write(`spanwise: ${explain(error)}\n`);
    process.exitCode = 1;
  }
}

/** @returns the text to print instead, for `--help` and `--version`. */
function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): CliOptions | string {
  const { values, positionals } = parse(args);
  if (values.help === true) return HELP;
  if (values.version === true) return `${VERSION}\n`;
  const [command = "serve", ...extra] = positionals;
  if (command !== "serve" || extra.length > 0) {
    throw new UsageError(`there is no command "${positionals.join(" ")}": see spanwise --help.`);
  }
  const db = values.db ?? DEFAULT_DB;
  if (db === "") throw new UsageError("--db needs the name of a file.");
  return {
    port: values.port === undefined ? undefined : readPort(values.port),
    json: values.json === true,
    server: {
      host: values.host ?? DEFAULT_HOST,
      db: db === ":memory:" ? db : resolve(db),
      publicKey: values["public-key"] ?? env["SPANWISE_PUBLIC_KEY"],
      secretKey: values["secret-key"] ?? env["SPANWISE_SECRET_KEY"],
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: "string" },
        host: { type: "string" },
        db: { type: "string" },
        "public-key": { type: "string" },
        "secret-key": { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(". ")[0] ?? "bad arguments"}: see spanwise --help.`);
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new UsageError(`--port ${text} is not a port: give a number from 0 to 65535.`);
  return port;
}

async function serve(options: CliOptions): Promise<void> {
  const server = await listen(options);
  stopOnSignals(server);
  const { db, host } = options.server;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ url: server.url, port: server.port, db, pid: process.pid })}\n`);
    return;
  }
  const requested = options.port ?? DEFAULT_PORT;
  if (options.port === undefined && server.port !== requested) {
    process.stdout.write(`Port ${requested} is in use: taking ${server.port}.\n`);
  }
  process.stdout.write(`Spanwise ${VERSION} is running at ${server.url}\n  data in ${db}\n`);
  if (host !== DEFAULT_HOST) process.stdout.write(`  listening on ${host}\n`);
}

async function listen({ server, port }: CliOptions): Promise<SpanwiseServer> {
  const first = port ?? DEFAULT_PORT;
  const last = port === undefined ? first + MAX_PORT_TRIES : first;
  for (let candidate = first; ; candidate++) {
    try {
      return await createServer({ ...server, port: candidate });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
      if (candidate < last) continue;
      throw new UsageError(await explainTakenPort(server.host, first, last));
    }
  }
}

async function explainTakenPort(host: string, first: number, last: number): Promise<string> {
  if (last > first) return `ports ${first} to ${last} are all in use: choose one with --port.`;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${first}`;
  if (await isSpanwise(url)) return `a Spanwise server is already running at ${url}: use it, or choose another --port.`;
  return `port ${first} is in use by another program: choose another --port, or --port 0 for any free one.`;
}

async function isSpanwise(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(1000) });
    const body: unknown = await answer.json();
    return typeof body === "object" && body !== null && "name" in body && body.name === "spanwise";
  } catch {
    // Whatever is there does not speak our language.
    return false;
  }
}

/** The first signal closes in order; a second one is from somebody who will not wait. */
function stopOnSignals(server: SpanwiseServer): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`spanwise: ${explain(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof StoreOpenError || error instanceof ServerOptionsError)
    return error.message;
  const code = (error as { code?: unknown }).code;
  if (code === "EACCES") return "this port needs more rights: choose one above 1023 with --port.";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "this machine has no such address: check --host.";
  return error instanceof Error ? error.message : String(error);
}
