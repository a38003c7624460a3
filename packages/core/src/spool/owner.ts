import { builtins } from "./builtins.ts";

/**
 * Who writes into a folder of the spool. A mistake here costs requests and no records: a batch that two processes send has the
 * same ids twice.
 */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same number: in a container every process is number 1. */
  readonly startedAtMs: number;
}

const OWNER_FILE = "owner.json";
/** How often a living process touches its owner file. */
export const LEASE_TOUCH_MS = 30_000;
/** A process that has not touched it for so long is taken for dead where its number says nothing. */
export const LEASE_MS = 300_000;
/** The start is computed from the uptime and moves a little with the clock. */
const SAME_START_MS = 5_000;

function self(): Owner {
  return { pid: process.pid, host: builtins.os.hostname(), startedAtMs: Date.now() - process.uptime() * 1000 };
}

export function writeOwner(folder: string): void {
  builtins.fs.writeFileSync(builtins.path.join(folder, OWNER_FILE), JSON.stringify(self()), { mode: 0o600 });
}

export function hasOwner(folder: string): boolean {
  return builtins.fs.existsSync(builtins.path.join(folder, OWNER_FILE));
}

export function touchOwner(folder: string): void {
  const now = new Date();
  // Where it is gone the next write makes it again.
  builtins.fs.utimes(builtins.path.join(folder, OWNER_FILE), now, now, () => {});
}

/** Removes the owner file and the folder, if nothing else is in it. */
export function removeFolder(folder: string): void {
  try {
    builtins.fs.unlinkSync(builtins.path.join(folder, OWNER_FILE));
    builtins.fs.rmdirSync(folder);
  } catch {
    // It holds what another process has put there, or is gone.
  }
}

export async function isOwnerDead(folder: string): Promise<boolean> {
  const path = builtins.path.join(folder, OWNER_FILE);
  try {
    const [text, { mtimeMs }] = await Promise.all([
      builtins.fs.promises.readFile(path, "utf8"),
      builtins.fs.promises.stat(path),
    ]);
    const isLapsed = Date.now() - mtimeMs > LEASE_MS;
    const { pid, host, startedAtMs } = JSON.parse(text) as Owner;
    if (host !== builtins.os.hostname()) return isLapsed;
    if (pid === process.pid) return Math.abs(startedAtMs - self().startedAtMs) > SAME_START_MS;
    return isLapsed || !isRunning(pid);
  } catch {
    // Without a readable owner file: half made, or half removed.
    return isOld(folder);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else's.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function isOld(folder: string): Promise<boolean> {
  try {
    return Date.now() - (await builtins.fs.promises.stat(folder)).mtimeMs > LEASE_MS;
  } catch {
    // Removed meanwhile.
    return false;
  }
}
