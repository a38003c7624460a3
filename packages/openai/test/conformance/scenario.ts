import type { Observation, Tracer } from "@spanwise/core";
import type * as openai from "openai";
import type OpenAI from "openai";
import type { ChatServer, Reply } from "../support/model-server.ts";
import type { Read } from "../support/traced.ts";
import type { Row } from "./rows.ts";

/** A major's module, typed as the newest that the workspace has: the scenarios use what all majors share. */
export type OpenAIModule = typeof openai;

export interface Context {
  module: OpenAIModule;
  major: number;
  server: ChatServer;
  /** The client's raw one, to look at what a call did to it. */
  raw: OpenAI;
  /** Observes a client that the scenario makes itself; in the raw run gives it back as it is. */
  observe: <T>(client: T) => T;
  /** Absent in the raw run. */
  tracer?: Tracer | undefined;
  /** Runs `fn` under an observation that is active, which is ended with it. In the raw run runs it. */
  under: <T>(fn: () => Promise<T>) => Promise<T>;
  parent?: Observation | undefined;
}

export interface Scenario {
  name: string;
  /** The rows of the references that it stands for. */
  rows?: readonly Row[];
  reply?: Reply;
  majors?: readonly number[];
  /** Of the other majors, why not. */
  why?: string;
  /** What a caller sees; compared between raw and observed. */
  run(client: OpenAI, context: Context): unknown;
  /** The observations that the observed client must have made, by status, in the order of their ends. Default: not compared. */
  statuses?: readonly string[];
  /** Unhandled rejections, of the raw client and the observed one. They are waited for. Default 0. */
  unhandled?: number;
  /** Asserts on what was recorded. */
  recorded?(records: Read[], context: Context): void;
  /** The observed client sends a request again that failed because of what it added: only the last ones are compared. */
  resends?: boolean;
}

/** An error as a caller can tell it apart, with its class checked against the module that it must come from. */
export function errorFacts(error: unknown, module: OpenAIModule): unknown {
  const e = error as Record<string, unknown> & Error;
  return {
    error: e.constructor.name,
    isOpenAI: error instanceof module.OpenAIError,
    isAPIError: error instanceof module.APIError,
    message: e.message,
    status: e["status"],
    code: e["code"],
    type: e["type"],
    param: e["param"],
    requestID: e["requestID"] ?? e["request_id"],
    keys: Object.keys(e),
  };
}

export async function facts(promise: PromiseLike<unknown>, { module }: Pick<Context, "module">): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return errorFacts(error, module);
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when `condition` holds. Rejects after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition(); await sleep(2)) {
    if (Date.now() > deadline) throw new Error(`never came: ${String(condition)}`);
  }
}

/** The resource that carries the chat helpers in a major. */
export function helpers(client: OpenAI, major: number): OpenAI["chat"]["completions"] {
  return major === 4 ? (client.beta as unknown as { chat: OpenAI["chat"] }).chat.completions : client.chat.completions;
}
