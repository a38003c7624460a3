import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll } from "vitest";

export const packageRoot = fileURLToPath(new URL("..", import.meta.url));
const bin = join(packageRoot, "bin/spanwise.mjs");
/** What is expected to end by itself. */
const MAX_RUN_MS = 20_000;
const MAX_BUILD_MS = 180_000;

export interface Ready {
  url: string;
  port: number;
  db: string;
  pid: number;
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The command runs what is built: the tests build what they run, unless that has been done. One file at a time builds. */
async function build(): Promise<void> {
  const lock = join(packageRoot, ".cache/build.lock");
  mkdirSync(join(packageRoot, ".cache"), { recursive: true });
  for (;;) {
    if (isBuilt()) return;
    try {
      mkdirSync(lock);
      break;
    } catch {
      // A build that was killed leaves its lock behind.
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > MAX_BUILD_MS) rmSync(lock, { recursive: true, force: true });
      await sleep(200);
    }
  }
  try {
    const tsdown = fileURLToPath(new URL("../../../node_modules/tsdown/dist/run.mjs", import.meta.url));
    if (!isBuilt()) await promisify(execFile)(process.execPath, [tsdown], { cwd: packageRoot });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function isBuilt(): boolean {
  const built = statSync(join(packageRoot, "dist/cli.mjs"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(packageRoot, "src"), { recursive: true, encoding: "utf8" });
  return sources.every((file) => statSync(join(packageRoot, "src", file)).mtimeMs < built);
}

/** Runs the real command, in a folder of its own. Registers what clears up after each test and at the end. */
export function useCli(): {
  folder: string;
  environment: Record<string, string>;
  start: (args: string[], env?: Record<string, string>) => ChildProcess;
  startReady: (args: string[], env?: Record<string, string>) => Promise<{ child: ChildProcess; ready: Ready }>;
  run: (args: string[], env?: Record<string, string>) => Promise<Outcome>;
} {
  const folder = mkdtempSync(join(tmpdir(), "spanwise-cli-"));
  const environment = { PATH: process.env["PATH"] ?? "", HOME: folder };
  const running: ChildProcess[] = [];
  beforeAll(build, MAX_BUILD_MS);
  afterEach(async () => {
    for (const child of running.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (args: string[], env: Record<string, string> = {}): ChildProcess => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: folder,
      env: { ...environment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.push(child);
    return child;
  };
  return {
    folder,
    environment,
    start,
    async startReady(args, env) {
      const child = start([...args, "--json"], env);
      if (child.stdout === null) throw new Error("no stdout");
      for await (const line of createInterface({ input: child.stdout })) {
        return { child, ready: JSON.parse(line) as Ready };
      }
      throw new Error("The server ended before it was ready.");
    },
    run: (args, env = {}) =>
      new Promise((resolve) => {
        // A server that starts where it should refuse does not outlive the test.
        const options = { cwd: folder, env: { ...environment, ...env }, timeout: MAX_RUN_MS };
        execFile(process.execPath, [bin, ...args], options, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        });
      }),
  };
}
