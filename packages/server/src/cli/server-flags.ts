import { resolve } from "node:path";
import { DEFAULT_DB, DEFAULT_HOST, DEFAULT_PORT, type ServerOptions } from "../server-options.ts";
import { UsageError, type OptionSpecs, type OptionValues } from "./command.ts";

/** Options of the commands that start a server. */
export const SERVER_OPTIONS = {
  port: {
    type: "string",
    value: "number",
    help: `port to listen on (default ${DEFAULT_PORT}, or the next free one; 0: any free one)`,
  },
  host: {
    type: "string",
    value: "address",
    help: `address to listen on (default ${DEFAULT_HOST}); others than loopback need keys`,
  },
  db: {
    type: "string",
    value: "file",
    help: `SQLite file, made when missing (default ${DEFAULT_DB} in the current folder);\n":memory:" keeps nothing`,
  },
  "base-path": {
    type: "string",
    value: "path",
    help: "what a reverse proxy serves this under, like /spanwise (also SPANWISE_BASE_PATH)",
  },
  keys: { type: "boolean", help: "ask for keys on loopback too" },
  "public-key": { type: "string", value: "key", help: "a key that opens everything, with --secret-key" },
  "secret-key": {
    type: "string",
    value: "key",
    help: "better given as SPANWISE_SECRET_KEY: arguments can be seen in process lists",
  },
} as const satisfies OptionSpecs;

export interface ServerFlags {
  server: ServerOptions & { db: string; host: string };
  /** `undefined`: the default, and the next free one will do. */
  port: number | undefined;
}

/** @throws {UsageError} */
export function readServerFlags(values: OptionValues<typeof SERVER_OPTIONS>, env: NodeJS.ProcessEnv): ServerFlags {
  const db = values.db ?? DEFAULT_DB;
  if (db === "") throw new UsageError("--db needs the name of a file.");
  return {
    port: values.port === undefined ? undefined : readPort(values.port),
    server: {
      host: values.host ?? DEFAULT_HOST,
      db: db === ":memory:" ? db : resolve(db),
      basePath: values["base-path"] ?? env["SPANWISE_BASE_PATH"],
      keys: values.keys,
      publicKey: values["public-key"] ?? env["SPANWISE_PUBLIC_KEY"],
      secretKey: values["secret-key"] ?? env["SPANWISE_SECRET_KEY"],
    },
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(`--port ${text} is not a port: give a number from 0 to 65535.`);
  }
  return port;
}
