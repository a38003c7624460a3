import { spawn, type ChildProcess } from "node:child_process";
import type { Bundle } from "./bundle.ts";

export interface Program {
  readonly process: ChildProcess;
  /** All that it has written so far. */
  output(): string;
  /** Resolves when it has written `text`. Rejects when it ends without. */
  said(text: string): Promise<void>;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** Runs `body` as a module of a process of its own, with the public names of core at hand. */
export function run(bundle: Bundle, body: string, env: Record<string, string> = {}, flags: string[] = []): Program {
  const script = `
    import { init, startObservation, startActiveObservation, observe, flush, shutdown, getTracer } from ${JSON.stringify(bundle.index)};
    import { spool } from ${JSON.stringify(bundle.spool)};
    ${body}`;
  const child = spawn(process.execPath, [...flags, "--input-type=module", "-e", script], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const ended = new Promise<number | string>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? -1));
  });
  return {
    process: child,
    output: () => output,
    said: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (output.includes(text)) resolve();
        };
        listeners.add(check);
        check();
        void ended.then(() => reject(new Error(`ended without saying ${text}:\n${output}`)));
      }),
    ended,
  };
}
