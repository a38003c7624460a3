/** Every address of the viewer and of its API is built here. */

import { BASE } from "./base.ts";

export const DEFAULT_PROJECT = "default";

type Parameters = Readonly<Record<string, string | number | null | undefined>>;

/** A path with its parameters; those that are empty are left out, so that addresses stay short. */
export function withQuery(path: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/**
 * An id as a part of a path. `.` and `..` are steps to every browser, even when they are percent-encoded, and telemetry may carry them as ids:
 * they get a `~` in front, and so does what looks as if it had one.
 */
function pathPart(id: string): string {
  return encodeURIComponent(/^~*\.{1,2}$/.test(id) ? `~${id}` : id);
}

/**
 * What a path says at the places of a pattern (`/users/:userId`), each decoded once. The router's own parameters keep what `decodeURI`
 * leaves, so that an id with a slash in it would be another one.
 */
export function pathParameters(pattern: string, path: string): Record<string, string> {
  const parts = path.split("/");
  const found: Record<string, string> = {};
  for (const [at, name] of pattern.split("/").entries()) {
    if (name.startsWith(":")) found[name.slice(1)] = decode(parts[at] ?? "");
  }
  return found;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part).replace(/^~(~*\.{1,2})$/, "$1");
  } catch {
    // A lone percent sign, typed by hand.
    return part;
  }
}

export function projectPath(project: string): string {
  return `/p/${pathPart(project)}`;
}

/** What a list's address may say; see `model/list-state.ts`. */
export interface ListLink {
  q?: string;
  range?: string;
  sort?: string;
}

export function tracesPath(project: string, link: ListLink = {}): string {
  return withQuery(`${projectPath(project)}/traces`, { ...link });
}

export function tracePath(project: string, traceId: string, observationId?: string | null): string {
  return withQuery(`${projectPath(project)}/traces/${pathPart(traceId)}`, { o: observationId });
}

export function observationsPath(project: string, link: ListLink = {}): string {
  return withQuery(`${projectPath(project)}/observations`, { ...link });
}

export function sessionsPath(project: string, link: ListLink = {}): string {
  return withQuery(`${projectPath(project)}/sessions`, { ...link });
}

export function sessionPath(project: string, sessionId: string): string {
  return `${projectPath(project)}/sessions/${pathPart(sessionId)}`;
}

export function usersPath(project: string, link: ListLink = {}): string {
  return withQuery(`${projectPath(project)}/users`, { ...link });
}

export function userPath(project: string, userId: string, link: ListLink = {}): string {
  return withQuery(`${projectPath(project)}/users/${pathPart(userId)}`, { ...link });
}

export function dashboardPath(project: string, link: { range?: string; by?: string; q?: string } = {}): string {
  return withQuery(`${projectPath(project)}/dashboard`, link);
}

export function scoresPath(project: string, link: ListLink = {}): string {
  return withQuery(`${projectPath(project)}/scores`, { ...link });
}

export function datasetsPath(project: string): string {
  return `${projectPath(project)}/datasets`;
}

export function datasetPath(project: string, name: string): string {
  return `${projectPath(project)}/datasets/${pathPart(name)}`;
}

export function runPath(project: string, dataset: string, run: string): string {
  return `${datasetPath(project, dataset)}/runs/${pathPart(run)}`;
}

export function comparePath(project: string, a: string, b: string): string {
  return withQuery(`${projectPath(project)}/compare`, { a, b });
}

export function settingsPath(project: string, section?: string): string {
  const path = `${projectPath(project)}/settings`;
  return section === undefined ? path : `${path}/${pathPart(section)}`;
}

/** Where one logs in, to come back to what is open. */
export function loginPath(next: string): string {
  return withQuery(`${BASE}/login`, { next });
}

/** Where the server has the bytes of an attachment. */
export function mediaPath(project: string, id: string): string {
  return withQuery(`${BASE}/api/media/${encodeURIComponent(id)}`, { project });
}
