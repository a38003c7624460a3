import type { PromptReference, TraceAttributes } from "@spanwise/core";
import { arrayOf, fieldsOf, firstText, isFields, textOf, type Fields } from "./fields.ts";
import type { SeenMetadata } from "./run.ts";

/** Written by LangChain and LangGraph for themselves, or recorded elsewhere: as the model, the session, the node. */
const FRAMEWORK_KEYS: ReadonlySet<string> = new Set([
  "versions",
  "lc_versions",
  "lc_agent_name",
  "checkpoint_ns",
  "checkpoint_id",
  "checkpoint_map",
  "revision_id",
  "run_id",
  "run_attempt",
  "created_by",
  "langfusePrompt",
  "langfuseUserId",
  "langfuseSessionId",
  "langfuseTags",
]);
const FRAMEWORK_PREFIXES = ["ls_", "langgraph_", "__"] as const;

/** Tags that say where a step stands in its sequence, not what the user called it. */
const STEP_TAG = /^(?:seq:step|map:key|graph:step|retry:attempt|branch|condition|langsmith|langgraph):?/;

const USER_KEYS = ["langfuseUserId", "user_id", "userId"] as const;
const SESSION_KEYS = ["langfuseSessionId", "session_id", "sessionId"] as const;
/** Sessions only where nothing says what the session is. */
const THREAD_KEYS = ["thread_id", "conversation_id"] as const;

/** Where a key's value is an object, which is not kept. */
const OBJECT = Symbol("object");

function isFrameworkKey(key: string): boolean {
  return FRAMEWORK_KEYS.has(key) || FRAMEWORK_PREFIXES.some((prefix) => key.startsWith(prefix));
}

const NOTHING_SEEN: SeenMetadata = new Map();

/** `inherited` itself where that is the same: most runs add nothing to what they were handed. */
export function seenMetadata(metadata: Fields, inherited: SeenMetadata = NOTHING_SEEN): SeenMetadata {
  const keys = Object.keys(metadata);
  const isSame = (key: string): boolean => inherited.has(key) && inherited.get(key) === kept(metadata[key]);
  if (keys.length === inherited.size && keys.every(isSame)) return inherited;
  return new Map(keys.map((key) => [key, kept(metadata[key])]));
}

function kept(value: unknown): unknown {
  return typeof value === "object" ? OBJECT : value;
}

/** What the user said of this run: LangChain hands everything down to every run below. */
export function ownMetadata(metadata: Fields, inherited: SeenMetadata | undefined): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  for (const key of Object.keys(metadata)) {
    const value = metadata[key];
    if (value === undefined || isFrameworkKey(key)) continue;
    if (inherited?.has(key) && inherited.get(key) === kept(value)) continue;
    own[key] = value;
  }
  return own;
}

export function userTags(tags: readonly unknown[]): string[] {
  return tags.filter((tag): tag is string => typeof tag === "string" && !STEP_TAG.test(tag));
}

/** `{ seq: "step:1" }`, `{ map: "key:context" }`, ...: how a step's place reads in metadata. */
export function stepOf(tags: readonly unknown[]): Record<string, unknown> | undefined {
  if (tags.length === 0) return undefined;
  const steps = tags.filter((tag): tag is string => typeof tag === "string" && STEP_TAG.test(tag));
  const shown = steps.filter((tag) => !tag.startsWith("langsmith:") && !tag.startsWith("graph:step"));
  if (shown.length === 0) return undefined;
  const retry = shown.map((tag) => /^retry:attempt:(\d+)$/.exec(tag)?.[1]).find((attempt) => attempt !== undefined);
  return { step: shown.length === 1 ? shown[0] : shown, ...(retry !== undefined && { retryAttempt: Number(retry) }) };
}

/** Facts of a graph node, of which every run below carries a copy. */
export function nodeOf(metadata: Fields): Record<string, unknown> | undefined {
  const { langgraph_node: node, langgraph_step: step, langgraph_triggers: triggers, langgraph_path: path } = metadata;
  return typeof node === "string" ? { langgraph: { node, step, triggers, path } } : undefined;
}

/** Attributes of the trace as a root run's tags and metadata say them; `hasSession`: the code around has said the session. */
export function traceAttributesOf(metadata: Fields, tags: readonly unknown[], hasSession: boolean): TraceAttributes {
  const all = [...userTags(tags), ...userTags(arrayOf(metadata["langfuseTags"]))];
  const userId = firstWord(metadata, USER_KEYS);
  const sessionId = firstWord(metadata, SESSION_KEYS) ?? (hasSession ? undefined : firstWord(metadata, THREAD_KEYS));
  const rest = ownMetadata(metadata, undefined);
  return {
    ...(userId !== undefined && { userId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(all.length > 0 && { tags: [...new Set(all)] }),
    ...(Object.keys(rest).length > 0 && { metadata: rest }),
  };
}

export function threadOf(metadata: Fields): string | undefined {
  return firstWord(metadata, ["thread_id"]);
}

/** The keys may be numbers: ids of a database. */
function firstWord(metadata: Fields, keys: readonly string[]): string | undefined {
  return firstText(...keys.map((key) => (typeof metadata[key] === "number" ? String(metadata[key]) : metadata[key])));
}

/** `langfusePrompt`, as Langfuse's users link a prompt of theirs: a prompt client, or `{ name, version }`. */
export function promptOf(metadata: Fields): PromptReference | undefined {
  const prompt = metadata["langfusePrompt"];
  if (!isFields(prompt)) return undefined;
  const { name, version } = fieldsOf(prompt);
  return textOf(name) !== undefined && typeof version === "number" ? { name: name as string, version } : undefined;
}
