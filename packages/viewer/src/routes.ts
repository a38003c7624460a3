/** Every address of the viewer is built here. */

export const DEFAULT_PROJECT = "default";

export function tracesPath(project: string): string {
  return `/p/${encodeURIComponent(project)}/traces`;
}

export function tracePath(project: string, traceId: string, observationId?: string): string {
  const path = `${tracesPath(project)}/${encodeURIComponent(traceId)}`;
  return observationId === undefined ? path : `${path}?${new URLSearchParams({ o: observationId })}`;
}

/** Where the server has the bytes of an attachment. */
export function mediaPath(project: string, id: string): string {
  return `/api/media/${encodeURIComponent(id)}?${new URLSearchParams({ project })}`;
}
