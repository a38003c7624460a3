import type { Observation } from "@spanwise/core";
import { observeOpenAI } from "../../src/index.ts";
import { createChatServer, type SeenRequest } from "../support/model-server.ts";
import { createTraced, type Read, type Traced } from "../support/traced.ts";
import { errorFacts, until, type Context, type OpenAIModule, type Scenario } from "./scenario.ts";

export interface Wire {
  method: string;
  path: string;
  headers: Record<string, unknown>;
  /** The bytes, with the random boundary of a form replaced. */
  body: string;
}

export interface Outcome {
  result: unknown;
  wire: Wire[];
  /** Messages of the unhandled rejections. */
  unhandled: string[];
}

/** How long rejections that nobody expects may take after a scenario's own end. */
const SETTLE_MS = 12;
/** The observation that `context.under` makes. */
const PARENT = "conformance parent";

export async function runRaw(scenario: Scenario, module: OpenAIModule, major: number): Promise<Outcome> {
  return run(scenario, module, major, undefined);
}

export async function runObserved(
  scenario: Scenario,
  module: OpenAIModule,
  major: number,
): Promise<Outcome & { recorded: Read[]; check: () => void }> {
  const traced = createTraced();
  const outcome = await run(scenario, module, major, traced);
  // What has not ended by now is exported as `incomplete`.
  await traced.tracer.shutdown();
  const recorded = (await traced.read()).filter(({ name }) => name !== PARENT);
  return { ...outcome, recorded, check: () => scenario.recorded?.(recorded, outcome.context) };
}

async function run(
  scenario: Scenario,
  module: OpenAIModule,
  major: number,
  traced: Traced | undefined,
): Promise<Outcome & { context: Context }> {
  const server = await createChatServer(scenario.reply);
  const raw = new module.OpenAI({ apiKey: "sk-test", baseURL: server.baseURL, maxRetries: 1 });
  const tracer = traced?.tracer;
  const context: Context = {
    module,
    major,
    server,
    raw,
    tracer,
    observe: (client) => (tracer ? observeOpenAI(client, { tracer }) : client),
    async under(fn) {
      if (!tracer) return fn();
      const parent: Observation = (context.parent = tracer.startObservation(PARENT, {}, { parent: null }));
      const result = await tracer.runWithObservation(parent, fn);
      parent.end();
      return result;
    },
  };
  const { result, unhandled } = await withUnhandled(async () => {
    try {
      return await scenario.run(context.observe(raw), context);
    } catch (error) {
      return { thrown: errorFacts(error, module) };
    }
  }, scenario.unhandled);
  await server.close();
  return { result: plain(result, server.baseURL), wire: server.requests.map(wireFacts), unhandled, context };
}

/** What `fn` gives, and what rejects unheard: `expected` are waited for, more may come until `settleMs` later. */
export async function withUnhandled(
  fn: () => Promise<unknown>,
  expected = 0,
  settleMs = SETTLE_MS,
): Promise<{ result: unknown; unhandled: string[] }> {
  const unhandled: string[] = [];
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) =>
    unhandled.push(reason instanceof Error ? reason.message : String(reason)),
  );
  try {
    const result = await fn();
    await until(() => unhandled.length >= expected);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    return { result, unhandled };
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

/** Headers that tell of the connection, or whose difference the body shows too. */
const VOLATILE = new Set(["host", "content-length"]);

export function wireFacts({ method, path, headers, raw }: SeenRequest): Wire {
  const boundary = /boundary=(.+)$/.exec(headers["content-type"] ?? "")?.[1];
  const masked = (text: string): string => (boundary ? text.replaceAll(boundary, "BOUNDARY") : text);
  const kept = Object.entries(headers)
    .filter(([name]) => !VOLATILE.has(name))
    .map(([name, value]) => [name, name === "idempotency-key" ? withoutRandom(String(value)) : masked(String(value))]);
  return { method, path, headers: Object.fromEntries(kept) as Record<string, unknown>, body: masked(raw) };
}

/** The client makes up a key for requests that may be retried. */
function withoutRandom(key: string): string {
  return key.replace(/^(stainless-node-retry-).*/, "$1");
}

/**
 * What the observed client sent, without the usage wish where the raw one did not have it: the one difference that is
 * allowed on the wire.
 */
export function withoutUsageWish(observed: readonly Wire[], raw: readonly Wire[]): Wire[] {
  return observed.map((wire, at) => {
    if (raw[at]?.body.includes('"include_usage"')) return wire;
    const body = wire.body
      .replace(/,\s*"stream_options":\s*\{\s*"include_usage":\s*true\s*\}/, "")
      .replace(/,\s*"include_usage":\s*true/, "");
    return { ...wire, body };
  });
}

/** Comparable: of two runs the port differs. */
function plain(value: unknown, baseURL: string): unknown {
  if (value === undefined) return "undefined";
  const port = new URL(baseURL).port;
  return JSON.parse(JSON.stringify(value).replaceAll(port, "PORT")) as unknown;
}
