/** Resolves with a one-line summary, rejects with what is missing. */
export function checkTrace(serverUrl: string, traceId: string): Promise<string>;
