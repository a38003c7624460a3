/** `@spanwise/core/spool`: what is not delivered survives the end of the process. Node, Bun and Deno. */
import { SpanwiseConfigError } from "../errors.ts";
import { slot } from "../slot.ts";
import { checkTypes, refuse } from "../util/check.ts";
import type { LaneSpool, Spool, SpooledLane, SpoolStats } from "../transport/spool.ts";
import { builtins, hasBuiltins } from "./builtins.ts";
import { SpoolDirectory, type DirectoryOptions } from "./directory.ts";
import { atExit, atIdleExit } from "./exit.ts";
import { SpoolOfLane } from "./lane-spool.ts";

export type { Spool, SpoolStats } from "../transport/spool.ts";

export interface SpoolOptions {
  /**
   * Made when it is first needed, readable by this user only. Processes may share it: a file is sent to the URL and, where there
   * is Basic authorization, the public key that it was recorded for, by a process that has these.
   */
  dir: string;
  /** Bytes of all files in `dir`; beyond it the oldest are removed and counted as `queue_full`. Default 256 MiB. */
  maxBytes?: number | undefined;
  /** Milliseconds after which a file is removed unsent and counted as `expired`. Default 7 days. */
  maxAgeMs?: number | undefined;
}

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_AGE_MS = 7 * 24 * 3_600_000;

/** By path, as several tracers of a process may use one. The first one's bounds hold. */
const directories = new Map<string, SpoolDirectory>();

function directoryFor(options: DirectoryOptions): SpoolDirectory {
  const existing = directories.get(options.dir);
  if (existing) return existing;
  const created = new SpoolDirectory(options);
  directories.set(options.dir, created);
  return created;
}

/**
 * Keeps on disk what is recorded and not delivered, and sends what earlier processes left: `init({ spool: spool({ dir }) })`.
 * What it covers, and what not, is in `docs/delivery.md`. A directory that cannot be written to is said once a minute and
 * counted in `stats().spool`; nothing is thrown then.
 *
 * @throws SpanwiseConfigError for a missing `dir` or a bound that is no number, and on Node before 20.16.
 */
export function spool(options: SpoolOptions): Spool {
  if (!hasBuiltins()) throw new SpanwiseConfigError("spool needs Node 20.16, Bun or Deno 2. Leave it out here");
  checkTypes(options, "spool: ");
  const { dir, maxBytes = MAX_BYTES, maxAgeMs = MAX_AGE_MS } = options;
  if (typeof dir !== "string" || dir.trim() === "") {
    throw new SpanwiseConfigError('spool: dir must name a directory, such as spool({ dir: "/var/lib/app/spanwise" })');
  }
  for (const [name, value] of Object.entries({ maxBytes, maxAgeMs })) {
    if (!(typeof value === "number" && value > 0)) {
      refuse(`spool: ${name}`, "a number above 0", value);
    }
  }
  const path = builtins.path.resolve(dir);
  return {
    open(lane: SpooledLane): LaneSpool {
      const directory = directoryFor({ dir: path, maxBytes, maxAgeMs });
      const opened = new SpoolOfLane(lane, directory);
      const undo = atIdleExit(directory, opened);
      return {
        add: (batch) => opened.add(batch),
        close() {
          undo();
          opened.close();
        },
      };
    },
    onExit: atExit,
    stats: (): SpoolStats => directoryFor({ dir: path, maxBytes, maxAgeMs }).stats(),
  };
}

slot.createSpool = (dir) => spool({ dir });
