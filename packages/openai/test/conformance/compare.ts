import type OpenAI from "openai";
import { observeOpenAI } from "../../src/index.ts";
import { createChatServer, type SeenRequest } from "../support/model-server.ts";
import { createRecordingTracer, type Recorded } from "../support/recording-tracer.ts";
import { errorFacts, type OpenAIModule, type Scenario } from "./scenarios.ts";

export interface Outcome {
  result: unknown;
  wire: unknown[];
  /** Messages of the unhandled rejections. */
  unhandled: string[];
}

/** How long the ends of observations and late rejections may take after a scenario's own end. */
const SETTLE_MS = 12;

export async function runRaw(scenario: Scenario, module: OpenAIModule, major: number): Promise<Outcome> {
  return run(scenario, module, major, (client) => client);
}

export async function runObserved(
  scenario: Scenario,
  module: OpenAIModule,
  major: number,
): Promise<Outcome & { recorded: Recorded[] }> {
  const tracer = createRecordingTracer();
  const outcome = await run(scenario, module, major, (client) => observeOpenAI(client, { tracer }));
  return { ...outcome, recorded: tracer.recorded };
}

async function run(
  scenario: Scenario,
  module: OpenAIModule,
  major: number,
  wrap: (client: OpenAI) => OpenAI,
): Promise<Outcome> {
  const server = await createChatServer(scenario.reply);
  const raw = new module.OpenAI({ apiKey: "sk-test", baseURL: server.baseURL, maxRetries: 1 });
  const { result, unhandled } = await withUnhandled(async () => {
    try {
      return await scenario.run(wrap(raw), { module, major, server, raw });
    } catch (error) {
      return { thrown: errorFacts(error, module) };
    }
  });
  await server.close();
  return { result: plain(result, server.baseURL), wire: server.requests.map(wireFacts), unhandled };
}

async function withUnhandled(fn: () => Promise<unknown>): Promise<{ result: unknown; unhandled: string[] }> {
  const unhandled: string[] = [];
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) =>
    unhandled.push(reason instanceof Error ? reason.message : String(reason)),
  );
  try {
    const result = await fn();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return { result, unhandled };
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

/** A request, without the usage wish: the one difference that is allowed on the wire. */
function wireFacts({ method, path, body, retryCount }: SeenRequest): unknown {
  const copy = structuredClone(body) as { stream_options?: { include_usage?: boolean } } | undefined;
  if (copy?.stream_options?.include_usage) delete copy.stream_options;
  return { method, path, retryCount, keys: copy && Object.keys(copy), body: copy };
}

/** Comparable: of two runs the port differs. */
function plain(value: unknown, baseURL: string): unknown {
  if (value === undefined) return "undefined";
  const port = new URL(baseURL).port;
  return JSON.parse(JSON.stringify(value).replaceAll(port, "PORT")) as unknown;
}
