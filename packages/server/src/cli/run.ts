import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import type { SpanwiseServer } from "../server.ts";
import { ApiClient, isSpanwise, type Credentials } from "./api-client.ts";
import { UsageError, defineCommand } from "./command.ts";
import { DEFAULT_URL } from "./connect.ts";
import { formatTraceLine } from "./format.ts";
import { listen } from "./listen.ts";
import { runEnvironment } from "./run-environment.ts";
import { SERVER_OPTIONS, readServerFlags, type ServerFlags } from "./server-flags.ts";
import { TraceWatcher } from "./watch-traces.ts";

/** What the command sent in its last moments is waited for this long, before the last lines are printed. */
const SETTLE_MS = 300;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Exit codes that shells use. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const SIGNAL_BASE = 128;

export const command = defineCommand({
  name: "run",
  usage: "[options] -- <command> [arguments]",
  description:
    "Runs a command with its traces sent here, and prints a line for each. A server that runs at the address is used; otherwise\none is started and shut down with the command. The command's own settings for Spanwise, Langfuse and OpenTelemetry,\nthose of a .env file too, do not send anything elsewhere. Signals and the exit code are passed through.",
  maxPositionals: 1000,
  options: {
    url: { type: "string", value: "url", help: `a running server (default ${DEFAULT_URL})` },
    ...SERVER_OPTIONS,
    quiet: { type: "boolean", short: "q", help: "print no lines" },
    json: { type: "boolean", help: "print a JSON line for each trace, on stderr" },
  },
  async run({ values, positionals, rest, env }) {
    const [program, ...args] = [...positionals, ...rest];
    if (program === undefined) throw new UsageError("run needs a command: spanwise run -- npm run dev");
    const flags = readServerFlags(values, env);
    const { url, server, credentials } = await findOrStart(values.url, flags);
    const client = new ApiClient(url, credentials);
    const print = (line: string): void => {
      if (values.quiet !== true) process.stderr.write(`${line}\n`);
    };
    if (values.json !== true) print(`spanwise: traces go to ${server?.loginUrl ?? url}`);
    const watcher = new TraceWatcher(client, Date.now(), (trace) =>
      print(values.json === true ? JSON.stringify(trace) : formatTraceLine(trace, url)),
    );
    const abort = new AbortController();
    // Lines are a convenience: the command runs without them too.
    const watching = watcher.watch(abort.signal).catch(() => undefined);
    try {
      const childEnv = { ...env, ...runEnvironment(url, credentials) };
      const code = await runChild(
        spawn(program, args, {
          stdio: "inherit",
          env: childEnv,
          // There, npm and its like are scripts that only a shell can run.
          shell: process.platform === "win32",
        }),
        program,
      );
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      await watcher.catchUp();
      return code;
    } finally {
      abort.abort();
      await watching;
      await server?.close();
    }
  },
});

interface Target {
  url: string;
  /** Started here, to be closed here. */
  server: SpanwiseServer | undefined;
  credentials: Credentials | null;
}

async function findOrStart(named: string | undefined, { server: options, port }: ServerFlags): Promise<Target> {
  const { publicKey = "", secretKey = "" } = options;
  const credentials = publicKey === "" || secretKey === "" ? null : { publicKey, secretKey };
  const url = named?.replace(/\/+$/, "") ?? (port === undefined ? DEFAULT_URL : `http://localhost:${port}`);
  if (port !== 0 && (await isSpanwise(url))) return { url, server: undefined, credentials };
  if (named !== undefined) throw new UsageError(`no Spanwise server answers at ${url}: start it, or leave --url out.`);
  const server = await listen(options, port);
  return { url: server.url, server, credentials };
}

/** @returns the child's exit code, as a shell would tell it. */
async function runChild(child: ChildProcess, program: string): Promise<number> {
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal sends Ctrl-C to the whole group: the child has it already.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? SIGNAL_BASE + (signal === null ? 0 : (constants.signals[signal] ?? 0));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    const isMissing = reason === "ENOENT";
    process.stderr.write(
      `spanwise: ${program}: ${isMissing ? "command not found" : `cannot be run (${reason ?? ""})`}.\n`,
    );
    return isMissing ? NOT_FOUND : NOT_EXECUTABLE;
  } finally {
    for (const signal of SIGNALS) process.off(signal, forward);
  }
}
