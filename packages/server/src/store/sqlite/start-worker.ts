import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { locateWorker } from "../../worker-file.ts";
import { reviveError } from "../errors.ts";
import type { ReadyMessage, WorkerSetup } from "./protocol.ts";

/**
 * Heap of the writer's young objects, twice V8's own: a group of batches is more than the usual 48 MiB hold, and each collection copies
 * what of it is alive.
 */
const WRITER_YOUNG_MIB = 96;

export interface StartedWorker {
  worker: Worker;
  /** What it answers. */
  methods: readonly string[];
}

/**
 * Starts one of the store's workers and waits until its database is open.
 *
 * @throws {StoreOpenError} with the worker's reason.
 */
export async function startWorker(
  name: "writer-worker" | "reader-worker" | "checkpoint-worker",
  setup: WorkerSetup,
): Promise<StartedWorker> {
  const worker = new Worker(await locateWorker(`store/sqlite/${name}`), {
    workerData: setup,
    name: `spanwise-${name}`,
    ...(name === "writer-worker" ? { resourceLimits: { maxYoungGenerationSizeMb: WRITER_YOUNG_MIB } } : {}),
  });
  // Rejects by itself when the worker fails to load ("error").
  const [first] = (await once(worker, "message")) as [ReadyMessage];
  if (!first.ready) throw reviveError(first.error);
  return { worker, methods: first.methods };
}
