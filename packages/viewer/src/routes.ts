/** Every address of the viewer is built here. */

export const DEFAULT_PROJECT = "default";

export function tracesPath(project: string): string {
  return `/p/${encodeURIComponent(project)}/traces`;
}

export function tracePath(project: string, traceId: string, observationId?: string): string {
  const path = `${tracesPath(project)}/${encodeURIComponent(traceId)}`;
  return observationId === undefined ? path : `${path}?${new URLSearchParams({ o: observationId })}`;
}
