import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { init, propagateAttributes, shutdown } from "@spanwise/core";
import OpenAI from "openai";
import { createDocsAgent } from "./agent.ts";
import { readPages } from "./pages.ts";

const defaultQuestion = "How does masking keep secrets out of a trace, and how often do the docs mention it?";

async function main(): Promise<void> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, SPANWISE_BASE_URL, MODEL = "gpt-4o-mini" } = process.env;
  if (OPENAI_API_KEY === undefined && OPENAI_BASE_URL === undefined) {
    throw new Error("Set OPENAI_API_KEY, or OPENAI_BASE_URL to a local model server (`pnpm demo` starts one).");
  }
  // The destination comes from SPANWISE_BASE_URL or Langfuse's variables; without either, nothing is recorded.
  init();
  // The client reads OPENAI_BASE_URL itself. The local stand-in takes any key.
  const openai = new OpenAI({ apiKey: OPENAI_API_KEY ?? "stand-in" });

  const folder = docsFolder();
  const pages = await readPages(folder);
  if (pages.length === 0) throw new Error(`No Markdown pages in ${folder}; set DOCS_DIR.`);
  const question = process.argv.slice(2).join(" ") || defaultQuestion;
  process.stdout.write(`${question}\n\n`);

  const ask = createDocsAgent(openai, MODEL, pages, (text) => process.stdout.write(text));
  const answer = await propagateAttributes(
    {
      traceName: "docs question",
      userId: "reader-1",
      sessionId: `session-${process.pid}`,
      tags: ["example", "docs-agent"],
    },
    () => ask(question),
  );
  process.stdout.write(`\n\nSources: ${answer.cited.join(", ") || "none"}\n`);
  process.stdout.write(`Next: ${answer.next.join(" ") || "none"}\n`);
  if (SPANWISE_BASE_URL !== undefined && answer.traceId !== undefined) {
    process.stdout.write(`Trace: ${SPANWISE_BASE_URL.replace(/\/$/, "")}/t/${answer.traceId}\n`);
  }
}

/** `DOCS_DIR`, else `docs` of this repository, else the whole repository while `docs` has no pages. */
function docsFolder(): string {
  if (process.env.DOCS_DIR !== undefined) return resolve(process.env.DOCS_DIR);
  // From `examples/docs-agent/dist/main.*`; `import.meta` would not survive in the CommonJS build.
  const root = resolve(dirname(process.argv[1] ?? "."), "../../..");
  const docs = join(root, "docs");
  return existsSync(join(docs, "architecture.md")) ? docs : root;
}

async function run(): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    // Sends what is still queued; never rejects.
    await shutdown();
  }
}

void run();
