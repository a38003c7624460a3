import type { Context } from "hono";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import { HttpError } from "./errors.ts";

/** What a request's credentials open. Put on the context by `auth/authenticate.ts`; absent where no keys are asked for. */
export interface Access {
  /** The project the credentials belong to. */
  projectId: string;
  /** True when they open all projects and the server's settings. */
  isAdmin: boolean;
  /** True for a public key by itself: it may send scores and nothing else. */
  scoresOnly?: boolean | undefined;
}

declare module "hono" {
  interface ContextVariableMap {
    access: Access | undefined;
  }
}

/**
 * The project a request is about: the one it names with `?project=`, else the one its key belongs to, else the default one.
 *
 * @throws {HttpError} 403 when its key is another project's.
 */
export function projectOf(context: Context): string {
  const access = context.get("access");
  const own = access?.projectId ?? DEFAULT_PROJECT_ID;
  const named = context.req.query("project") ?? own;
  if (access !== undefined && !access.isAdmin && named !== own) {
    throw new HttpError(403, "forbidden", "This key belongs to another project.");
  }
  return named;
}
