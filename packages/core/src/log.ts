import { ignoreRejection } from "./util/ignore-rejection.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface Logger {
  debug(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

let target: Logger | undefined;
let threshold: number = ORDER.warn;

/** One logger a process: what is wrong with telemetry is said in one place, whichever tracer noticed it. */
export function configureLog(level: LogLevel, logger?: Logger): void {
  threshold = ORDER[level];
  target = logger;
}

function write(level: Exclude<LogLevel, "silent">, message: string, details: unknown[]): void {
  if (ORDER[level] < threshold) return;
  try {
    // oxlint-disable-next-line no-console -- the console is the default logger
    ignoreRejection((target ?? console)[level](`[spanwise] ${message}`, ...details));
  } catch {
    // A logger that throws must not reach the application, and there is nowhere left to say so.
  }
}

/** A trouble of one kind is said once in this time; the counters have them all. */
const RARELY_MS = 60_000;
const MAX_KEYS = 1_000;
const quietUntil = new Map<string, number>();

/** For what can happen once a record: one line a minute for each `key`. */
export function warnRarely(key: string, message: string): void {
  const now = performance.now();
  if ((quietUntil.get(key) ?? 0) > now) return;
  if (quietUntil.size >= MAX_KEYS) quietUntil.clear();
  quietUntil.set(key, now + RARELY_MS);
  log.warn(message);
}

export const log: Logger = {
  debug: (message, ...details) => write("debug", message, details),
  info: (message, ...details) => write("info", message, details),
  warn: (message, ...details) => write("warn", message, details),
  error: (message, ...details) => write("error", message, details),
};
