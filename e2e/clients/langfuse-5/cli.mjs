/** `langfuse-cli`: what a person or an agent asks at a prompt. The arguments are one call of it; its answer is the fact. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("node_modules/langfuse-cli/bin/langfuse.mjs", import.meta.url));
const env = {
  ...process.env,
  LANGFUSE_HOST: process.env.SPANWISE_URL,
  LANGFUSE_BASE_URL: process.env.SPANWISE_URL,
  LANGFUSE_PUBLIC_KEY: "pk-lf-contract",
  LANGFUSE_SECRET_KEY: "sk-lf-contract",
};
const ask = (...args) => JSON.parse(execFileSync(process.execPath, [cli, "api", ...args], { env, encoding: "utf8" }));

const facts = {};
facts.health = ask("health", "get");
facts.made = ask("datasets", "create", "--body-json", JSON.stringify({ name: "questions", metadata: { v: 1 } }));
facts.item = ask(
  "dataset-items",
  "create",
  "--body-json",
  JSON.stringify({ datasetName: "questions", id: "one", input: "q" }),
);
facts.datasets = ask("datasets", "list");
facts.items = ask("dataset-items", "list", "--dataset-name", "questions");
facts.score = ask("scores", "create", "--body-json", JSON.stringify({ name: "ok", value: 1, traceId: "trace-1" }));
facts.scores = ask("scores", "list", "--trace-id", "trace-1");
facts.observations = ask("observations", "list", "--limit", "5", "--fields", "core,basic");
facts.projects = ask("projects", "list");
process.stdout.write(`${JSON.stringify(facts)}\n`);
