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
  owner: unknown;
  /** See `StartedRun.enters`. */
  isFromManager: boolean;
}

const NO_METADATA: Fields = Object.freeze({});

export function startCallback(
  serialized: unknown,
  input: unknown,
  runId: string,
  parentRunId: string | undefined,
  tags: unknown,
  metadata: Fields | undefined,
  runName: unknown,
  isFromManager: boolean,
): StartCallback {
  return {
    serialized,
    input,
    runId,
    parentRunId,
    tags: arrayOf(tags),
    metadata: metadata ?? NO_METADATA,
    runName,
    owner: isFromManager ? tags : undefined,
    isFromManager,
  };
}
