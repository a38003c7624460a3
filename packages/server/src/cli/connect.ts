import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DEFAULT_DB, DEFAULT_PORT } from "../server-options.ts";
import { ApiClient, isSpanwise, type Credentials } from "./api-client.ts";
import { UsageError, type OptionSpecs } from "./command.ts";

export const DEFAULT_URL = `http://localhost:${DEFAULT_PORT}`;

/** Options of the commands that ask a server. */
export const CONNECT_OPTIONS = {
  url: {
    type: "string",
    value: "url",
    help: `a running server (default SPANWISE_BASE_URL, else ${DEFAULT_URL});\nwithout one, the file of --db is read directly`,
  },
  db: { type: "string", value: "file", help: `SQLite file to use when no server runs (default ${DEFAULT_DB})` },
  project: { type: "string", value: "id", help: "project (default: the keys', else default)" },
  json: { type: "boolean", help: "print JSON" },
} as const satisfies OptionSpecs;

export interface ConnectValues {
  url?: string | undefined;
  db?: string | undefined;
  project?: string | undefined;
}

export function readCredentials(env: NodeJS.ProcessEnv): Credentials | null {
  const { SPANWISE_PUBLIC_KEY: publicKey = "", SPANWISE_SECRET_KEY: secretKey = "" } = env;
  return publicKey === "" || secretKey === "" ? null : { publicKey, secretKey };
}

/** @throws {UsageError} for what is no address. */
export function urlOf(values: ConnectValues, env: NodeJS.ProcessEnv): string {
  const url = namedUrl(values, env) ?? DEFAULT_URL;
  if (/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) return url;
  throw new UsageError(`"${url}" is no address: it is like ${DEFAULT_URL}.`);
}

function namedUrl(values: ConnectValues, env: NodeJS.ProcessEnv): string | undefined {
  return values.url ?? (env["SPANWISE_BASE_URL"] || undefined);
}

/**
 * Calls `use` with the server that was named or runs at the default address. Where none was named and none runs, one is started in
 * this process on the database file, on a port of its own, for as long as `use` takes.
 *
 * @param options `makesFile`: one that is not there yet is made.
 * @throws {UsageError} for a file that was named and is not there: it would read as empty.
 */
export async function withApi<T>(
  values: ConnectValues,
  env: NodeJS.ProcessEnv,
  use: (client: ApiClient) => Promise<T>,
  options: { makesFile?: boolean } = {},
): Promise<T> {
  const url = urlOf(values, env);
  const db = resolve(values.db ?? DEFAULT_DB);
  const isNamed = namedUrl(values, env) !== undefined;
  const isFileMeant = values.db !== undefined || (!isNamed && !(await isSpanwise(url)) && existsSync(db));
  if (!isFileMeant) return use(new ApiClient(url, readCredentials(env), values.project));
  if (options.makesFile !== true && !existsSync(db)) {
    throw new UsageError(`there is no file ${db}: name it with --db.`);
  }
  const { createServer } = await import("../server.ts");
  const server = await createServer({ port: 0, db });
  try {
    return await use(new ApiClient(server.url, null, values.project));
  } finally {
    await server.close();
  }
}
