import type { MiddlewareHandler } from "hono";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import type { ProjectReads } from "../store/projects.ts";
import { HttpError } from "./errors.ts";
import { projectOf } from "./project.ts";

/** Another process (`spanwise keys`) may make projects in the same file: one that is unknown is looked for, one that is known for so long. */
const REFRESH_MS = 30_000;

/** Which projects there are, in memory: ingest asks with each request that names one. */
export class KnownProjects {
  readonly #store: ProjectReads;
  #ids: ReadonlySet<string> = new Set();
  #loadedAt = 0;
  #loading: Promise<void> | undefined;

  constructor(store: ProjectReads) {
    this.#store = store;
  }

  async has(projectId: string): Promise<boolean> {
    if (projectId === DEFAULT_PROJECT_ID) return true;
    if (!this.#ids.has(projectId) || Date.now() - this.#loadedAt > REFRESH_MS) await this.#load();
    return this.#ids.has(projectId);
  }

  /** For one that is deleted. */
  forget(): void {
    this.#ids = new Set();
  }

  /** All that ask meanwhile share one look. */
  #load(): Promise<void> {
    this.#loading ??= this.#store
      .listProjects()
      .then((projects) => {
        this.#ids = new Set(projects.map(({ id }) => id));
        this.#loadedAt = Date.now();
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }
}

/** Turns away a request that names a project which is not there: it would read as empty, and what it sends would be found by nobody. */
export function checkProject(projects: KnownProjects): MiddlewareHandler {
  return async (context, next) => {
    const named = context.req.query("project");
    // Who may not see a project is not told whether it is there.
    if (named !== undefined && !(await projects.has(projectOf(context)))) {
      const reason = `There is no project "${named.slice(0, 80)}": the settings and spanwise keys create make one.`;
      throw new HttpError(404, "no_such_project", reason);
    }
    return next();
  };
}
