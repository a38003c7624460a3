import { arrayOf, type Fields } from "./fields.ts";

/** What all start callbacks of LangChain have in common. */
export interface StartCallback {
  serialized: unknown;
  input: unknown;
  runId: string;
  parentRunId: string | undefined;
  tags: readonly unknown[];
  metadata: Fields;
  runName: unknown;
  /** See `registry.add`. */
  owner?: unknown;
  /** See `StartedRun.enters`. */
  isFromManager?: boolean;
}

export function startCallback(
  serialized: unknown,
  input: unknown,
  runId: string,
  parentRunId: string | undefined,
  tags: unknown,
  metadata: Fields | undefined,
  runName: unknown,
): StartCallback {
  return { serialized, input, runId, parentRunId, tags: arrayOf(tags), metadata: metadata ?? {}, runName };
}
