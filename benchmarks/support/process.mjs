/** One run: a fresh process with one SDK and one workload, and a fresh sink beside it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
/** Milliseconds after which a run is given up. LangSmith takes most of a minute for the nested traces. */
const RUN_TIMEOUT_MS = 400_000;
/** Milliseconds that a process may stay after its result. */
const EXIT_TIMEOUT_MS = 15_000;
/** Characters of the console output that are kept for the report of a failure. */
const KEPT_LOG = 20_000;
/** Characters of it that stay with a result. */
const SHOWN_LOG = 500;

/** What a run inherits: nothing that configures an SDK. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(SPANWISE|LANGFUSE|OTEL|LANGSMITH|LANGCHAIN|OPIK|LMNR|BRAINTRUST)_/.test(name),
  ),
);

/** The result of a run with what the sink saw; `{ error }` when it did not come to one. */
export async function runOnce({ row, candidate, folder, options, execArgv = [], extraEnv = {} }) {
  const sink = fork(here("sink.mjs"), { stdio: "ignore", env });
  try {
    const [{ port }] = await once(sink, "message");
    const task = JSON.stringify({ row, candidate, folder, options, url: `http://127.0.0.1:${port}` });
    const result = await runChild(task, sink, { execArgv, env: { ...env, OTEL_LOG_LEVEL: "none", ...extraEnv } });
    return { ...result, sink: await askSink(sink, { report: true }) };
  } catch (error) {
    return { error: String(error.message ?? error) };
  } finally {
    sink.kill();
  }
}

async function runChild(task, sink, { execArgv, env }) {
  const child = fork(here("../child.mjs"), [task], { execArgv, env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let logBytes = 0;
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      logBytes += chunk.length;
      log = (log + chunk).slice(-KEPT_LOG);
    });
  }
  let result;
  let settledAt;
  let kill = setTimeout(() => child.kill("SIGKILL"), RUN_TIMEOUT_MS);
  child.on("message", (message) => {
    if (message.mode) {
      void askSink(sink, { mode: message.mode }).then(() => child.connected && child.send({ done: true }));
      return;
    }
    result = message.result;
    settledAt = performance.now();
    clearTimeout(kill);
    kill = setTimeout(() => child.kill("SIGKILL"), EXIT_TIMEOUT_MS);
  });
  const [code, signal] = await once(child, "close");
  clearTimeout(kill);
  if (!result) throw new Error(`no result (${signal ?? `exit ${code}`}): ${reasonIn(log)}`);
  // The time it took from its result to its end, or none when it had to be ended.
  return { ...result, exitMs: signal ? null : performance.now() - settledAt, logBytes, log: log.slice(0, SHOWN_LOG) };
}

/** The line that names the error; its stack follows and Node's version stands last. */
function reasonIn(log) {
  return /^.*Error.*$/m.exec(log)?.[0] ?? (log.trim().split("\n").at(-1) || "no output");
}

let messages = 0;

function askSink(sink, question) {
  const id = ++messages;
  return new Promise((resolve, reject) => {
    const onMessage = (message) => {
      if (message.id !== id) return;
      sink.off("message", onMessage);
      resolve(message);
    };
    sink.on("message", onMessage);
    sink.send({ ...question, id }, (error) => error && reject(error));
  });
}
