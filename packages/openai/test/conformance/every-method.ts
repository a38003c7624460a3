import type OpenAI from "openai";
import { facts, type Context } from "./scenario.ts";

export interface FoundMethod {
  /** `beta.threads.runs.create` */
  path: string;
  /** Resolves the method's owner anew, so that the same path is called on a raw and on an observed client. */
  ownerIn(client: OpenAI): object;
  name: string;
}

/** How deep resources are nested at most. */
const MAX_DEPTH = 6;
/** Objects of the client that are no resources, or lead back. */
const SKIPPED = new Set(["_client", "constructor", "fetchOptions", "_options", "logger", "idempotencyHeader"]);

/** Every method of every resource of a client, found by looking: also those that are not known here. */
export function findMethods(client: OpenAI): FoundMethod[] {
  const found: FoundMethod[] = [];
  const seen = new Set<object>();
  const visit = (owner: object, names: readonly string[]): void => {
    if (seen.has(owner) || names.length > MAX_DEPTH) return;
    seen.add(owner);
    for (const name of methodsOf(owner)) {
      found.push({
        path: [...names, name].join("."),
        name,
        ownerIn: (other) => names.reduce<object>((at, key) => (at as Record<string, object>)[key]!, other),
      });
    }
    for (const [key, value] of Object.entries(owner)) {
      if (!SKIPPED.has(key) && isResource(value)) visit(value, [...names, key]);
    }
  };
  visit(client, []);
  return found;
}

/** An object of a class of the client's, which holds the client. */
function isResource(value: unknown): value is object {
  return typeof value === "object" && value !== null && "_client" in value;
}

/** The client's own are its verbs; the rest of it is not the API. */
const VERBS = ["get", "post", "put", "patch", "delete", "getAPIList"];

function methodsOf(owner: object): string[] {
  if (!("_client" in owner))
    return VERBS.filter((name) => typeof (owner as Record<string, unknown>)[name] === "function");
  const names = new Set<string>();
  for (let at: object = owner; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const { value } = Object.getOwnPropertyDescriptor(at, name)!;
      if (typeof value === "function" && name !== "constructor") names.add(name);
    }
  }
  return [...names].toSorted();
}

/** What the parameters of all methods together may ask for: ids in paths, and a body that most accept. */
const PARAMS = {
  ...Object.fromEntries(
    [
      "thread",
      "run",
      "vector_store",
      "file",
      "batch",
      "eval",
      "container",
      "conversation",
      "assistant",
      "message",
      "session",
      "agent",
      "project",
      "user",
      "group",
      "role",
      "skill",
      "certificate",
      "fine_tuned_model_checkpoint",
      "response",
      "call",
      "turn",
    ].map((name) => [`${name}_id`, `${name}_1`]),
  ),
  model: "gpt-4o",
  input: "x",
  prompt: "x",
  messages: [{ role: "user", content: "x" }],
  name: "n",
};

/** The shapes in which methods take their arguments: nothing, parameters, an id and parameters, two ids. */
export const ARGUMENTS: readonly (() => unknown[])[] = [
  () => [],
  () => [{ ...PARAMS }],
  () => ["id_1", { ...PARAMS }],
  () => ["id_1", "id_2", { ...PARAMS }],
];

/** How long what a method returns may take before it is left. */
const MAX_WAIT_MS = 400;
export const STILL_WAITING = "still waiting";

/** What a caller sees of one call: the promise's and the result's class, the result, two pages of a list, the error. */
export async function callFound(
  method: FoundMethod,
  args: unknown[],
  client: OpenAI,
  context: Context,
): Promise<unknown> {
  const owner = method.ownerIn(client) as Record<string, (...args: unknown[]) => unknown>;
  let returned: unknown;
  try {
    returned = owner[method.name]!(...args);
  } catch (error) {
    return { threw: (error as Error).constructor.name, message: (error as Error).message };
  }
  return { returned: classOf(returned), settled: await settle(returned, context) };
}

async function settle(returned: unknown, context: Context): Promise<unknown> {
  if (typeof returned !== "object" || returned === null) return String(returned);
  const { then, done, abort, close } = returned as Record<string, unknown>;
  const result =
    typeof then === "function"
      ? facts(returned as PromiseLike<unknown>, context)
      : typeof done === "function"
        ? facts((done as () => Promise<unknown>).call(returned), context)
        : undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, MAX_WAIT_MS, STILL_WAITING)));
  const value = await Promise.race([result, late]);
  clearTimeout(timer);
  if (value === STILL_WAITING && typeof abort === "function") (abort as () => void).call(returned);
  if (typeof close === "function") (close as () => void).call(returned);
  return { class: classOf(value), value: await readable(value, context) };
}

async function readable(value: unknown, context: Context): Promise<unknown> {
  if (value instanceof Response) return [value.status, await value.text()];
  if (typeof value !== "object" || value === null) return value;
  const { getNextPage } = value as { getNextPage?: () => Promise<unknown> };
  if (typeof getNextPage !== "function")
    return Symbol.asyncIterator in value ? facts(take(value as AsyncIterable<unknown>), context) : json(value);
  const page = value as unknown as { data: unknown; hasNextPage(): boolean };
  return [json(page.data), page.hasNextPage(), await facts(take(value as AsyncIterable<unknown>), context)];
}

/** The first items: lists may go on for ever. */
async function take(items: AsyncIterable<unknown>, max = 5): Promise<unknown[]> {
  const out: unknown[] = [];
  for await (const item of items) if (out.push(json(item)) >= max) break;
  return out;
}

function classOf(value: unknown): string {
  return typeof value === "object" && value !== null ? (value.constructor?.name ?? "null") : typeof value;
}

/** Without what holds the client: pages and promises do. */
function json(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null") as unknown;
  } catch {
    // A cycle: its class is compared.
    return classOf(value);
  }
}
