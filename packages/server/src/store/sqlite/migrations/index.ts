import { migration0001 } from "./0001-observations.ts";
import { migration0002 } from "./0002-media.ts";

/** In order; `PRAGMA user_version` counts how many of them a database has seen. Never edit one that was released. */
export const MIGRATIONS: readonly string[] = [migration0001, migration0002];
