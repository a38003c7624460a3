import { DEFAULT_HOST, DEFAULT_PORT } from "../server-options.ts";
import type { SpanwiseServer } from "../server.ts";
import { VERSION } from "../version.ts";
import { defineCommand } from "./command.ts";
import { explain } from "./explain.ts";
import { listen } from "./listen.ts";
import { openBrowser, wantsBrowser } from "./open-browser.ts";
import { SERVER_OPTIONS, readServerFlags, type ServerFlags } from "./server-flags.ts";

export const command = defineCommand({
  name: "serve",
  usage: "[options]",
  description:
    "Starts the Spanwise server: ingest, storage and the web viewer in one process, and opens the viewer.\nThis is what spanwise does without the name of a command.",
  options: {
    ...SERVER_OPTIONS,
    "no-open": { type: "boolean", help: "do not open the browser; nor is it in CI, or without a terminal" },
    json: { type: "boolean", help: "print one JSON line { url, port, db, pid } when ready, and nothing else" },
  },
  footer: "Environment\n  SPANWISE_PUBLIC_KEY, SPANWISE_SECRET_KEY",
  async run({ values, env }) {
    const flags = readServerFlags(values, env);
    const server = await listen(flags.server, flags.port);
    stopOnSignals(server);
    if (values.json === true) {
      const { db } = flags.server;
      process.stdout.write(`${JSON.stringify({ url: server.url, port: server.port, db, pid: process.pid })}\n`);
      return;
    }
    printStart(server, flags);
    if (values["no-open"] !== true && wantsBrowser(env)) openBrowser(server.loginUrl ?? server.url);
  },
});

function printStart(server: SpanwiseServer, { server: { db, host }, port }: ServerFlags): void {
  if (port === undefined && server.port !== DEFAULT_PORT) {
    process.stdout.write(`Port ${DEFAULT_PORT} is in use: taking ${server.port}.\n`);
  }
  process.stdout.write(`Spanwise ${VERSION} is running at ${server.url}\n  data in ${db}\n`);
  if (host !== DEFAULT_HOST) process.stdout.write(`  listening on ${host}\n`);
  if (server.loginUrl !== null) process.stdout.write(`  log in at ${server.loginUrl}\n`);
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
