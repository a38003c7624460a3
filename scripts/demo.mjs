/**
 * `npm run demo`: starts the server on its embedded store, runs the programs of the example application through every adapter,
 * prints where their traces are to be seen and stays up. `--once` exits after checking over HTTP that they are stored whole.
 * `--port N` and `--db FILE` go to the server. With OPENAI_API_KEY set the example talks to OpenAI (or OPENAI_BASE_URL).
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, install, root } from "./lib/workspace.mjs";
import { startChild, stopChildren } from "./lib/children.mjs";
import { checkTrace, PROGRAMS } from "./lib/check-trace.mjs";

const { values } = parseArgs({
  options: {
    once: { type: "boolean", default: false },
    port: { type: "string" },
    db: { type: "string" },
    question: { type: "string" },
  },
});

install();
build();

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void finish(0));

/** Whoever asks first decides the code: a program that is stopped with the demo has not failed. */
let finishing;

function finish(code) {
  finishing ??= stopChildren().then(() => process.exit(code));
  return finishing;
}

try {
  const server = await startServer();
  const model = await startModel();
  for (const program of PROGRAMS) {
    const traceId = await runExample(program, server.url, model);
    const url = `${server.url}/t/${traceId}`;
    const summary = await checkTrace(server.url, traceId, program);
    console.log(`\n${summary}\n\nThe trace: ${url}\n`);
  }
  if (values.once) await finish(0);
  console.log("The server stays up. Ctrl-C ends it.");
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  await finish(1);
}

async function startServer() {
  const args = [join(root, "packages/server/bin/spanwise.mjs"), "--json"];
  args.push("--db", values.db ?? join(root, ".spanwise", "demo.db"));
  // A run that only checks must not meet a server that is in use: any free port will do.
  const port = values.port ?? (values.once ? "0" : undefined);
  if (port !== undefined) args.push("--port", port);
  const child = startChild("server", process.execPath, args);
  return JSON.parse(await child.firstLine(/^\{/));
}

/** The environment that points the example at a model: OpenAI where there is a key, else the local stand-in. */
async function startModel() {
  if (process.env.OPENAI_API_KEY) {
    console.log(`Model: ${process.env.OPENAI_BASE_URL ?? "OpenAI"}`);
    return {};
  }
  // Slow enough that the waterfall shows what overlaps and when the first token came.
  const args = [join(root, "packages/testing/dist/cli.mjs"), "--delay-ms", "120", "--chunk-delay-ms", "15"];
  const child = startChild("model", process.execPath, args);
  const baseUrl = await child.firstLine(/^http/);
  console.log("Model: a local stand-in, since OPENAI_API_KEY is not set. It extracts sentences; it does not think.");
  return { OPENAI_API_KEY: "local-stand-in", OPENAI_BASE_URL: baseUrl };
}

async function runExample(program, serverUrl, model) {
  const args = [join(root, `examples/docs-agent/dist/${program}.mjs`)];
  if (values.question) args.push(values.question);
  // SPANWISE_EXPORTERS keeps the traces here whatever keys the environment holds.
  const env = {
    ...process.env,
    ...model,
    SPANWISE_EXPORTERS: "spanwise",
    SPANWISE_BASE_URL: serverUrl,
    DOCS_DIR: join(root, "docs"),
  };
  const child = startChild("example", process.execPath, args, { env, echo: true });
  const line = await child.firstLine(/\/t\/[0-9a-f]{32}/);
  await child.exited();
  return /\/t\/([0-9a-f]{32})/.exec(line)[1];
}
