import type { Observation, Tracer } from "@spanwise/core";
import { RunMap } from "@spanwise/core/adapter";

/** Threads that wait for a human. One that is not resumed within {@link MAX_AGE_MS}, or in this process, is resumed without a link. */
const MAX_THREADS = 1_000;
const MAX_AGE_MS = 24 * 3_600_000;

export interface Interrupted {
  traceId: string;
  observationId: string;
}

const waiting = new RunMap<Interrupted>({ maxRuns: MAX_THREADS, maxAgeMs: MAX_AGE_MS });

export function rememberInterrupt(tracer: Tracer, threadId: string, { traceId, id }: Observation): void {
  waiting.set(`${tracer.id}/${threadId}`, { traceId, observationId: id });
}

/** The observation whose interrupt a run of this thread resumes. It is resumed once. */
export function takeInterrupt(tracer: Tracer, threadId: string): Interrupted | undefined {
  return waiting.take(`${tracer.id}/${threadId}`);
}
