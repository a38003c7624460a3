import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { init, propagateAttributes, shutdown } from "@spanwise/core";
import { readPages, type Page } from "./pages.ts";

export interface Surroundings {
  apiKey: string;
  /** Undefined: OpenAI. */
  baseURL: string | undefined;
  model: string;
  pages: readonly Page[];
  write: (text: string) => void;
}

/** Resolves with the id of the trace that the question made. */
type Ask = (question: string) => Promise<string | undefined>;

/**
 * What the programs of this example share: settings, pages, the question of the command line, trace attributes, the trace's address,
 * and the flush at the end. `create` is called when tracing is set up.
 */
export async function runProgram(
  traceName: string,
  defaultQuestion: string,
  create: (surroundings: Surroundings) => Ask,
): Promise<void> {
  try {
    const { SPANWISE_BASE_URL } = process.env;
    // The destination comes from SPANWISE_BASE_URL or Langfuse's variables; without either, nothing is recorded.
    init();
    const ask = create(await readSurroundings());
    const question = process.argv.slice(2).join(" ") || defaultQuestion;
    process.stdout.write(`${question}\n\n`);
    const traceId = await propagateAttributes(
      { traceName, userId: "reader-1", sessionId: `session-${process.pid}`, tags: ["example", "docs-agent"] },
      () => ask(question),
    );
    process.stdout.write("\n");
    if (SPANWISE_BASE_URL !== undefined && traceId !== undefined) {
      process.stdout.write(`Trace: ${SPANWISE_BASE_URL.replace(/\/$/, "")}/t/${traceId}\n`);
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    // Sends what is still queued; never rejects.
    await shutdown();
  }
}

async function readSurroundings(): Promise<Surroundings> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, MODEL = "gpt-4o-mini" } = process.env;
  if (OPENAI_API_KEY === undefined && OPENAI_BASE_URL === undefined) {
    throw new Error("Set OPENAI_API_KEY, or OPENAI_BASE_URL to a local model server (`pnpm demo` starts one).");
  }
  const folder = docsFolder();
  const pages = await readPages(folder);
  if (pages.length === 0) throw new Error(`No Markdown pages in ${folder}; set DOCS_DIR.`);
  return {
    // The local stand-in takes any key.
    apiKey: OPENAI_API_KEY ?? "stand-in",
    baseURL: OPENAI_BASE_URL,
    model: MODEL,
    pages,
    write: (text) => process.stdout.write(text),
  };
}

/** `DOCS_DIR`, else `docs` of this repository, else the whole repository while `docs` has no pages. */
function docsFolder(): string {
  if (process.env.DOCS_DIR !== undefined) return resolve(process.env.DOCS_DIR);
  // From `examples/docs-agent/dist/main.*`; `import.meta` would not survive in the CommonJS build.
  const root = resolve(dirname(process.argv[1] ?? "."), "../../..");
  const docs = join(root, "docs");
  return existsSync(join(docs, "architecture.md")) ? docs : root;
}
