import { holdTimeout } from "../util/timers.ts";

/** How long the natural end of a process waits for what is being sent from disk. */
const MAX_IDLE_WAIT_MS = 2_000;
const POLL_MS = 20;

/** A directory that is used in this process. */
interface Left {
  /** Looks for files once more. */
  scan(): Promise<void>;
  /** Synchronous. */
  leave(): void;
}

interface Restoring {
  readonly isRestoring: boolean;
}

const exitHandlers = new Set<() => void>();
const directories = new Map<Left, Set<Restoring>>();
let isListening = false;
let hasWaited = false;

/** One listener however many tracers and directories: Node warns of leaks at eleven. */
function listen(): void {
  if (isListening) return;
  isListening = true;
  process.on("exit", onExit);
  process.once("beforeExit", () => void onIdleExit());
}

/** On `process.exit`, on an uncaught exception, and at the natural end. Not on a signal that nobody handles. */
function onExit(): void {
  for (const handler of exitHandlers) handler();
  for (const directory of directories.keys()) directory.leave();
}

/** Short-lived processes would never get to send what is on disk. Never rejects. */
async function onIdleExit(): Promise<void> {
  if (hasWaited) return;
  hasWaited = true;
  const untilMs = performance.now() + MAX_IDLE_WAIT_MS;
  for (const [directory, users] of directories) {
    await directory.scan();
    while (performance.now() < untilMs && [...users].some(({ isRestoring }) => isRestoring)) {
      await new Promise<void>((resolve) => void holdTimeout(resolve, POLL_MS));
    }
  }
}

export function atExit(handler: () => void): () => void {
  listen();
  exitHandlers.add(handler);
  return () => void exitHandlers.delete(handler);
}

/** Returns the undo. The directory itself is left at the end in any case. */
export function atIdleExit(directory: Left, user: Restoring): () => void {
  listen();
  const users = directories.get(directory) ?? new Set();
  directories.set(directory, users.add(user));
  return () => void users.delete(user);
}
