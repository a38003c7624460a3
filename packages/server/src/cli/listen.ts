import { DEFAULT_HOST, DEFAULT_PORT, type ServerOptions } from "../server-options.ts";
import type { SpanwiseServer } from "../server.ts";
import { isSpanwise } from "./api-client.ts";
import { UsageError } from "./command.ts";

/** Ports tried after the default one when it is taken. */
const MAX_PORT_TRIES = 20;

/**
 * Starts a server at the port, or, where none was asked for, at the default one or the next that is free.
 *
 * @throws {UsageError} that says by whom a port is taken.
 */
export async function listen(options: ServerOptions, port: number | undefined): Promise<SpanwiseServer> {
  const { createServer } = await import("../server.ts");
  const first = port ?? DEFAULT_PORT;
  const last = port === undefined ? first + MAX_PORT_TRIES : first;
  for (let candidate = first; ; candidate++) {
    try {
      return await createServer({ ...options, port: candidate });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
      if (candidate < last) continue;
      throw new UsageError(await explainTakenPort(options.host ?? DEFAULT_HOST, first, last));
    }
  }
}

async function explainTakenPort(host: string, first: number, last: number): Promise<string> {
  if (last > first) return `ports ${first} to ${last} are all in use: choose one with --port.`;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${first}`;
  if (await isSpanwise(url)) return `a Spanwise server is already running at ${url}: use it, or choose another --port.`;
  return `port ${first} is in use by another program: choose another --port, or --port 0 for any free one.`;
}
