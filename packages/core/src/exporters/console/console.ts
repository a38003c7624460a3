import { platform } from "#platform";
import type { ObservationRecord, ScoreRecord } from "../../model/record.ts";
import type { Destination, DestinationContext, Exporter } from "../../pipeline/destination.ts";
import { addDrops, type Drops, type Receipt } from "../../pipeline/ledger.ts";
import type { DestinationStats } from "../../tracer/api.ts";
import { checkTypes, refuse } from "../../util/check.ts";
import { setQuietTimeout } from "../../util/timers.ts";
import { describeError } from "../../transport/http.ts";
import { brief, lineOf, styles, type LineOptions } from "./line.ts";
import { treeLines, type Entry } from "./trace-lines.ts";

export interface ConsoleExporterOptions {
  /** Gets one printed block at a time: a tree of several lines, without the last line break. Default `console.log`. */
  write?: ((text: string) => void) | undefined;
  /** Shows the first characters of input and output. Default true. */
  content?: boolean | undefined;
  /** ANSI colours. Default: when stdout is a terminal and `NO_COLOR` is not set. */
  colors?: boolean | undefined;
  /** Milliseconds after which the finished part of a trace is printed although its root still runs. Default 10 000. */
  maxWaitMs?: number | undefined;
}

/** Lines that wait for their roots, some 10 MB at most; beyond it the oldest trace is printed in part. */
const MAX_WAITING_LINES = 10_000;
const MAX_WAIT_MS = 10_000;

/**
 * Prints each trace as a tree when its root has ended, for development. A trace whose root still runs at a flush, after
 * `maxWaitMs` or at the end of the process is printed as far as it has come, and marked `in part`; the rest follows.
 *
 * @throws SpanwiseConfigError for an option of a wrong type, and a `maxWaitMs` that is no number.
 */
export function console(options: ConsoleExporterOptions = {}): Exporter {
  checkTypes(options, "console: ", { write: "function", content: "boolean", colors: "boolean" });
  const { maxWaitMs = 0 } = options;
  if (!(typeof maxWaitMs === "number" && maxWaitMs >= 0)) {
    refuse("console: maxWaitMs", "a number of milliseconds", maxWaitMs);
  }
  return { name: "console", host: undefined, connect: (context) => new ConsoleDestination(options, context) };
}

interface WaitingTrace {
  readonly entries: Entry[];
  readonly cancel: () => void;
}

class ConsoleDestination implements Destination {
  readonly name = "console";
  readonly live = false;
  readonly isFailing = false;
  readonly #write: (text: string) => void;
  readonly #line: LineOptions;
  readonly #maxWaitMs: number;
  readonly #context: DestinationContext;
  /** By trace, in order of their first record. */
  readonly #waiting = new Map<string, WaitingTrace>();
  #lines = 0;
  #closed = false;
  #sent = 0;
  readonly #dropped: Drops = {};
  #lastError: string | undefined;

  constructor(options: ConsoleExporterOptions, context: DestinationContext) {
    const { write, content = true, colors = isTerminal(), maxWaitMs = MAX_WAIT_MS } = options;
    this.#write = write ?? printLine;
    this.#line = { content, colors };
    this.#maxWaitMs = maxWaitMs;
    this.#context = context;
  }

  pushObservation(record: ObservationRecord, receipt: Receipt): void {
    if (this.#closed) {
      this.#lose(receipt, "after_shutdown");
      return;
    }
    const { traceId, id, parentId, startTime, isAppRoot } = record;
    const isRoot = parentId === undefined || isAppRoot;
    const line = isRoot ? this.#rootLine(record) : lineOf(record, this.#line);
    this.#waitingFor(traceId).entries.push({ id, parentId: isRoot ? undefined : parentId, startTime, line, receipt });
    this.#lines++;
    if (isRoot) this.#print(traceId);
    else if (this.#lines > MAX_WAITING_LINES) this.#printOldest();
  }

  pushScore(score: ScoreRecord, receipt: Receipt): void {
    const { name, value, comment, observationId, traceId, sessionId } = score;
    const { dim } = styles(this.#line.colors);
    const target = observationId
      ? `observation ${observationId}`
      : traceId
        ? `trace ${traceId}`
        : `session ${sessionId}`;
    const shown = [`score ${brief(name, 80)} = ${brief(String(value), 80)}`, dim(brief(target, 120))];
    if (comment !== undefined) shown.push(brief(comment, 160));
    this.#say(shown.join("  "), [receipt]);
  }

  pushStart(): void {}

  /** The payload's reference names it. */
  pushMedia(): void {}

  flush(): Promise<void> {
    this.#printAll();
    return Promise.resolve();
  }

  close(): void {
    this.#printAll();
    this.#closed = true;
  }

  stats(): DestinationStats {
    return {
      name: this.name,
      queued: this.#lines,
      sent: this.#sent,
      dropped: { ...this.#dropped },
      retried: 0,
      requests: 0,
      bytesSent: 0,
      paused: false,
      lastError: this.#lastError,
    };
  }

  #waitingFor(traceId: string): WaitingTrace {
    let trace = this.#waiting.get(traceId);
    if (!trace) {
      trace = { entries: [], cancel: setQuietTimeout(() => this.#print(traceId, true), this.#maxWaitMs) };
      this.#waiting.set(traceId, trace);
    }
    return trace;
  }

  #rootLine(record: ObservationRecord): string {
    const { name, userId, sessionId, tags } = record.trace.current();
    const { dim } = styles(this.#line.colors);
    const about = [
      `trace ${record.traceId}`,
      name !== undefined && name !== record.name && brief(name, 80),
      userId && `user ${brief(userId, 80)}`,
      sessionId && `session ${brief(sessionId, 80)}`,
      tags && `tags ${brief(tags.join(", "), 80)}`,
    ];
    return `${lineOf(record, this.#line)}  ${dim(about.filter(Boolean).join("  "))}`;
  }

  #printOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#print(oldest, true);
  }

  #printAll(): void {
    for (const traceId of this.#waiting.keys()) this.#print(traceId, true);
  }

  #print(traceId: string, isPart = false): void {
    const trace = this.#waiting.get(traceId);
    if (!trace) return;
    this.#waiting.delete(traceId);
    trace.cancel();
    const { entries } = trace;
    this.#lines -= entries.length;
    const head = isPart ? [styles(this.#line.colors).dim(`trace ${traceId}  in part`)] : [];
    this.#say(
      [...head, ...treeLines(entries)].join("\n"),
      entries.map(({ receipt }) => receipt),
    );
  }

  #say(text: string, receipts: readonly Receipt[]): void {
    try {
      this.#write(text);
      this.#sent += receipts.length;
      for (const receipt of receipts) receipt.accept();
    } catch (error) {
      this.#lastError = `write threw: ${describeError(error)}`;
      this.#context.onError(this.name, this.#lastError);
      for (const receipt of receipts) this.#lose(receipt, "rejected");
    }
  }

  #lose(receipt: Receipt, reason: "rejected" | "after_shutdown"): void {
    addDrops(this.#dropped, reason, 1);
    receipt.drop(reason);
    this.#context.onDrop(this.name, reason, 1);
  }
}

function printLine(text: string): void {
  // oxlint-disable-next-line no-console -- printing to the console is what this exporter is for
  globalThis.console.log(text);
}

function isTerminal(): boolean {
  const { process } = globalThis as { process?: { stdout?: { isTTY?: boolean } } };
  return process?.stdout?.isTTY === true && !platform.env("NO_COLOR");
}
