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
const ask = (...args) =>
  JSON.parse(
    execFileSync(process.execPath, [cli, "api", ...args], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
  );

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

// What an agent does after a run: send spans, page through what there is, sum it up, and tidy up.
const spans = Array.from({ length: 5 }, (_, index) => ({
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: `00f067aa0ba902b${index}`,
  name: "call",
  startTimeUnixNano: `179582995709000000${index}`,
  endTimeUnixNano: `179582995719000000${index}`,
}));
await fetch(`${process.env.SPANWISE_URL}/v1/traces`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
});
facts.all = ask("observations", "list", "--limit", "2", "--all", "--fields", "core,basic");
facts.metrics = ask(
  "metrics",
  "get",
  "--query",
  JSON.stringify({
    view: "observations",
    metrics: [{ measure: "count", aggregation: "count" }],
    fromTimestamp: "2026-01-01T00:00:00Z",
    toTimestamp: "2030-01-01T00:00:00Z",
  }),
);
facts.deleted = ask("traces", "delete", "0af7651916cd43dd8448eb211c80319c");
facts.left = ask("observations", "list", "--fields", "core");
try {
  ask("prompts", "list");
} catch (error) {
  facts.refused = { code: error.status, said: `${error.stdout}${error.stderr}` };
}
process.stdout.write(`${JSON.stringify(facts)}\n`);
