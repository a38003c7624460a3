import { startActiveObservation } from "@spanwise/core";
import type OpenAI from "openai";
import { passagesOf } from "./pages.ts";
import type { Page, Passage } from "./pages.ts";

export interface DocsIndex {
  readonly pages: readonly Page[];
  /** The passages closest to the query, best first. */
  search(query: string, limit: number): Promise<Passage[]>;
}

const embeddingModel = "text-embedding-3-small";
/** Enough to rank passages of a few hundred pages, at a sixth of the size. */
const dimensions = 256;
const passagesPerRequest = 256;

/** An index in memory. The passages are embedded at the first search. */
export function createDocsIndex(client: OpenAI, pages: readonly Page[]): DocsIndex {
  const passages = pages.flatMap(passagesOf);
  let vectors: Promise<number[][]> | undefined;

  // Recorded by hand: what is worth keeping of an embedding is how much went in, not the vectors that came out.
  function embed(input: string[]): Promise<number[][]> {
    return startActiveObservation(
      "embed",
      async (observation) => {
        const { data, model, usage } = await client.embeddings.create({ model: embeddingModel, dimensions, input });
        observation.update({
          model,
          usageDetails: { input: usage.prompt_tokens, total: usage.total_tokens },
          output: { vectors: data.length, dimensions },
        });
        return data.map((item) => item.embedding);
      },
      {
        type: "embedding",
        attributes: {
          input: input.length === 1 ? input[0] : { passages: input.length },
          model: embeddingModel,
          provider: "openai",
          modelParameters: { dimensions },
        },
      },
    );
  }

  async function embedPassages(): Promise<number[][]> {
    const all: number[][] = [];
    for (let at = 0; at < passages.length; at += passagesPerRequest) {
      const batch = passages.slice(at, at + passagesPerRequest);
      all.push(...(await embed(batch.map((passage) => `${passage.title}\n${passage.text}`))));
    }
    return all;
  }

  return {
    pages,
    async search(query, limit) {
      vectors ??= embedPassages();
      const [all, [wanted = []]] = await Promise.all([vectors, embed([query])]);
      return passages
        .map((passage, index) => ({ passage, score: dot(wanted, all[index] ?? []) }))
        .toSorted((a, b) => b.score - a.score)
        .slice(0, limit)
        .map(({ passage }) => passage);
    },
  };
}

/** The vectors have length 1, so this is their cosine. */
function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
