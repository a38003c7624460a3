/** The programs of the example, by the names of their files. */
export const PROGRAMS: readonly string[];

/** Resolves with a one-line summary, rejects with what is missing. `program`: which of the example's it was, by default `main`. */
export function checkTrace(serverUrl: string, traceId: string, program?: string): Promise<string>;
