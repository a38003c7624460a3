import { spawn, type ChildProcess } from "node:child_process";

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  /** Milliseconds from start to end. */
  tookMs: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** The first match in what it has printed or will print. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  finished(): Promise<Finished>;
}

export interface StartOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Default: nothing to read. */
  stdin?: "pipe";
  /** Default: this Node. */
  command?: string;
}

/** A process with a clean environment: no variable of the machine's configures tracing. */
export function start(args: readonly string[], options: StartOptions = {}): Running {
  const startedAt = performance.now();
  const child = spawn(options.command ?? process.execPath, args, {
    cwd: options.cwd,
    env: { ...withoutSettings(process.env), ...options.env },
    stdio: [options.stdin ?? "ignore", "pipe", "pipe"],
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
      for (const listener of listeners) listener();
    });
  }
  const finished = new Promise<Finished>((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal, output, tookMs: performance.now() - startedAt });
      for (const listener of listeners) listener();
    });
  });
  return {
    child,
    output: () => output,
    finished: () => finished,
    waitFor(pattern, timeoutMs = 60_000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${pattern} in:\n${output}`)), timeoutMs);
        const look = (): void => {
          const match = pattern.exec(output);
          if (!match && child.exitCode === null) return;
          listeners.delete(look);
          clearTimeout(timer);
          if (match) resolve(match);
          else reject(new Error(`ended with ${child.exitCode} and no ${pattern} in:\n${output}`));
        };
        listeners.add(look);
        look();
      });
    },
  };
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(SPANWISE|LANGFUSE|OTEL|OPENAI|NODE_OPTIONS|NODE_ENV|VITEST)/.test(name)),
  );
}
