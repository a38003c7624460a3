import type Database from "libsql";
import { migration0001 } from "./0001-observations.ts";
import { migration0002 } from "./0002-media.ts";
import { migration0003 } from "./0003-columns.ts";
import { migration0004 } from "./0004-rollups.ts";
import { migration0005 } from "./0005-search-without-sizes.ts";
import { migration0010 } from "./0010-field-orders.ts";
import { migration0011 } from "./0011-datasets.ts";
import { migration0012 } from "./0012-score-fields.ts";
import { migration0020 } from "./0020-open-instances.ts";
import { migration0030 } from "./0030-projects.ts";
import { migration0050 } from "./0050-wide-start-index.ts";
import { migration0060 } from "./0060-span-facts.ts";
import { migration0061 } from "./0061-repeated-usage.ts";
import { migration0062 } from "./0062-open-batch-rows.ts";
import { migration0070 } from "./0070-hash-log.ts";
import { migration0071 } from "./0071-gradual-merges.ts";
import { migration0080 } from "./0080-scores-by-observation.ts";
import { migration0081 } from "./0081-observations-with-errors.ts";
import { migration0082 } from "./0082-sums-by-trace.ts";
import { migration0083 } from "./0083-begun-deletions.ts";

export interface Migration {
  /** Unique; need not follow on the one before. */
  version: number;
  sql: string;
  /** After `sql`, in the same transaction: what SQL cannot say. */
  run?: ((database: Database.Database) => void) | undefined;
}

/** By version. The table `migrations` holds those a database has seen. Never edit one that was released. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: migration0001 },
  { version: 2, sql: migration0002 },
  { version: 3, sql: migration0003 },
  { version: 4, sql: migration0004 },
  { version: 5, sql: "", run: migration0005 },
  { version: 10, sql: migration0010 },
  { version: 11, sql: migration0011 },
  { version: 12, sql: migration0012 },
  { version: 20, sql: migration0020 },
  { version: 30, sql: migration0030 },
  { version: 50, sql: migration0050 },
  { version: 60, sql: migration0060 },
  { version: 61, sql: migration0061 },
  { version: 62, sql: migration0062 },
  { version: 70, sql: migration0070 },
  { version: 71, sql: migration0071 },
  { version: 80, sql: migration0080 },
  { version: 81, sql: migration0081 },
  { version: 82, sql: migration0082 },
  { version: 83, sql: migration0083 },
];
