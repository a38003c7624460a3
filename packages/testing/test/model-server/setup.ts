import OpenAI from "openai";
import { afterAll, beforeAll } from "vitest";
import { createModelServer } from "../../src/index.ts";
import type { ModelServer, ModelServerOptions } from "../../src/index.ts";

/** One server and a client per test file. */
export function useModelServer(options: ModelServerOptions = {}): { server: ModelServer; client: OpenAI } {
  const context: { server?: ModelServer; client?: OpenAI } = {};
  beforeAll(async () => {
    context.server = await createModelServer(options);
    context.client = new OpenAI({ baseURL: context.server.url, apiKey: "none", maxRetries: 0 });
  });
  afterAll(async () => {
    await context.server?.close();
  });
  return {
    get server(): ModelServer {
      if (context.server === undefined) throw new Error("the server has not started");
      return context.server;
    },
    get client(): OpenAI {
      if (context.client === undefined) throw new Error("the server has not started");
      return context.client;
    },
  };
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

export const documents = `
<document title="masking.md">Masking runs before anything is queued. A mask that throws yields a fixed placeholder. It fails closed.</document>
<document title="batching.md">Observations are sent in batches of 512. The flush interval is one second. A dead backend never blocks the host.</document>
`;
