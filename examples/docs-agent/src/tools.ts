import { observe } from "@spanwise/core";
import type { ChatCompletionTool } from "openai/resources/chat/completions";
import type { DocsIndex } from "./docs-index.ts";
import { passagesOf } from "./pages.ts";

export interface DocsTool {
  definition: ChatCompletionTool;
  run(args: Record<string, unknown>): Promise<unknown>;
}

/** What the agent can do besides retrieval. Each run is recorded as a `tool` observation. */
export function createTools(index: DocsIndex): DocsTool[] {
  return [
    tool(
      "search_docs",
      "Search the docs for passages about a query",
      { query: "what to look for" },
      async ({ query }) => {
        const passages = await index.search(query ?? "", 3);
        return passages.map(({ title, text }) => ({ title, text }));
      },
    ),

    tool(
      "count_mentions",
      "Count how often the docs mention a term",
      { term: "a word or phrase" },
      async ({ term = "" }) => {
        const counts = index.pages
          .map((page) => ({ page: page.path, count: page.text.toLowerCase().split(term.toLowerCase()).length - 1 }))
          .filter(({ count }) => count > 0);
        const total = counts.reduce((sum, { count }) => sum + count, 0);
        return { term, mentions: total, pages: Object.fromEntries(counts.map(({ page, count }) => [page, count])) };
      },
    ),

    tool("list_sections", "List all page titles and their headings", {}, async () =>
      index.pages.map((page) => ({ page: page.path, sections: passagesOf(page).map((passage) => passage.title) })),
    ),
  ];
}

/** All parameters are required strings. */
function tool(
  name: string,
  description: string,
  parameters: Record<string, string>,
  run: (args: Record<string, string | undefined>) => Promise<unknown>,
): DocsTool {
  const properties = Object.entries(parameters).map(([key, text]) => [key, { type: "string", description: text }]);
  return {
    definition: {
      type: "function",
      function: {
        name,
        description,
        strict: true,
        parameters: {
          type: "object",
          properties: Object.fromEntries(properties),
          required: Object.keys(parameters),
          additionalProperties: false,
        },
      },
    },
    run: observe(
      (args: Record<string, unknown>) =>
        run(
          Object.fromEntries(
            Object.entries(args).map(([key, value]) => [key, typeof value === "string" ? value : undefined]),
          ),
        ),
      { name, type: "tool" },
    ),
  };
}
