import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSink, type Sink, type SinkRule } from "@spanwise/testing";
import fc from "fast-check";
import { expect } from "vitest";
import {
  getTracer,
  init,
  langfuse,
  memory,
  spanwise,
  startObservation,
  type Exporter,
  type Mask,
  type Observation,
  type TracerOptions,
} from "../../../src/index.ts";
import { otlp } from "../../../src/otlp.ts";
import { spool } from "../../../src/spool/index.ts";

/** What a backend may do that is over when it is over: nothing may be lost by it. */
const TRANSIENT: readonly SinkRule[] = [
  { status: 500 },
  { status: 429, headers: { "retry-after": "0" } },
  { status: 503, delayMs: 5 },
  { reset: "headers" },
  { reset: "body" },
  { reset: "reply" },
  { reset: "mid-reply" },
  { hang: "read" },
  { hang: "reply" },
  { hang: "mid-reply" },
  { rawReply: "no HTTP at all\r\n\r\n" },
  { body: "garbage" },
  { delayMs: 15 },
  { status: 207 },
];
/** What loses records, or holds them back for longer than a test lasts. */
const LASTING: readonly SinkRule[] = [
  { status: 400 },
  { status: 413 },
  { status: 404 },
  { status: 401 },
  { status: 403, headers: { "content-type": "text/html" }, body: "<html>" },
  { status: 302, headers: { location: "http://127.0.0.1:1/" } },
  { status: 429, headers: { "retry-after": "60" } },
  { partialSuccess: { rejectedSpans: 1 } },
];

export const DESTINATIONS = 3;

const rulesOf = (faults: readonly SinkRule[]): fc.Arbitrary<SinkRule[]> =>
  fc.array(
    fc.record({ rule: fc.constantFrom(...faults), times: fc.constantFrom(1, 3, 8) }).map(({ rule, times }) => ({
      ...rule,
      times,
    })),
    { maxLength: 4 },
  );

interface Setup {
  /** Which of the three backends, a dead port, the memory, an exporter that throws. */
  readonly to: readonly string[];
  readonly mask: string;
  readonly spool: boolean;
  readonly options: TracerOptions;
}

const setupOf = (isHarmless: boolean): fc.Arbitrary<Setup> =>
  fc.record({
    to: fc.uniqueArray(
      fc.constantFrom("spanwise", "langfuse", "otlp", ...(isHarmless ? [] : ["dead", "memory", "throws"])),
      { minLength: 1 },
    ),
    mask: fc.constantFrom("none", "none", "same", "slow", ...(isHarmless ? [] : ["throws", "rejects"])),
    spool: isHarmless ? fc.constant(false) : fc.boolean(),
    options: fc.record({
      flushAt: fc.constantFrom(1, 3, 512),
      flushInterval: fc.constantFrom(0, 20, 10_000),
      maxBatchBytes: fc.constantFrom(1, 3_000, 4_000_000),
      timeoutMs: fc.constant(60),
      shutdownTimeoutMs: fc.constant(isHarmless ? 10_000 : 100),
      fetch: fc.constantFrom(undefined, globalThis.fetch),
      live: fc.boolean(),
      ...(!isHarmless && {
        maxQueueBytes: fc.constantFrom(1, 3_000, 30_000, 10_000_000),
        maxAgeMs: fc.constantFrom(0, 30, 600_000),
        maxOpen: fc.constantFrom(1, 5, 1_000),
        sampleRate: fc.constantFrom(0.5, 1),
      }),
    }),
  });

interface Fault {
  do: "fault";
  backend: number;
  rules: SinkRule[];
}

type Step =
  | Fault
  | { do: "start" | "end" | "end twice" | "update" | "update trace" | "score" | "attach" | "turn" | "wait" | "flush" }
  | { do: "shutdown"; timeoutMs: number }
  | { do: "init"; setup: Setup };

interface Run {
  readonly first: Setup;
  readonly steps: readonly Step[];
}

export function runOf(isHarmless: boolean): fc.Arbitrary<Run> {
  const faults = isHarmless ? TRANSIENT : [...TRANSIENT, ...LASTING];
  const simple = (weight: number, what: Exclude<Step["do"], "shutdown" | "fault" | "init">) => ({
    weight,
    arbitrary: fc.constant<Step>({ do: what }),
  });
  const step = fc.oneof(
    simple(8, "start"),
    simple(6, "end"),
    simple(1, "end twice"),
    simple(1, "update"),
    simple(1, "update trace"),
    simple(1, "score"),
    simple(1, "attach"),
    simple(3, "turn"),
    simple(1, "wait"),
    simple(2, "flush"),
    {
      weight: 3,
      arbitrary: fc.record<Fault>({
        do: fc.constant("fault"),
        backend: fc.nat(DESTINATIONS - 1),
        rules: rulesOf(faults),
      }),
    },
    { weight: 1, arbitrary: fc.record<Step & { do: "init" }>({ do: fc.constant("init"), setup: setupOf(isHarmless) }) },
    ...(isHarmless
      ? []
      : [
          {
            weight: 1,
            arbitrary: fc.record<Step & { do: "shutdown" }>({
              do: fc.constant("shutdown"),
              timeoutMs: fc.constantFrom(0, 30),
            }),
          },
        ]),
  );
  return fc.record({ first: setupOf(isHarmless), steps: fc.array(step, { maxLength: 60, size: "max" }) });
}

const MASKS: Record<string, Mask | undefined> = {
  none: undefined,
  same: (record) => record,
  slow: async (record) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return record;
  },
  throws: () => {
    throw new Error("mask");
  },
  rejects: () => Promise.reject(new Error("mask")),
};

const throwing: Exporter = {
  name: "throws",
  host: undefined,
  connect: (context) => {
    const destination = memory().connect(context);
    return Object.assign(Object.create(destination) as typeof destination, {
      pushObservation: () => {
        throw new Error("exporter");
      },
    });
  },
};

const ATTACHED = `data:image/png;base64,${Buffer.alloc(600, 7).toString("base64")}`;

export class Backends {
  readonly sinks: readonly Sink[];
  /** What `onDrop` has told since `reset`, but for scores that OTLP has no place for. */
  readonly losses: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "spanwise-faults-"));

  private constructor(sinks: readonly Sink[]) {
    this.sinks = sinks;
  }

  static async create(): Promise<Backends> {
    return new Backends(await Promise.all(Array.from({ length: DESTINATIONS }, () => createSink())));
  }

  async close(): Promise<void> {
    await Promise.all(this.sinks.map((sink) => sink.close()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  reset(): void {
    for (const sink of this.sinks) sink.reset();
    this.losses.length = 0;
  }

  over(): void {
    for (const sink of this.sinks) sink.script([]);
  }

  /** What a spool has kept of all that went before is sent; it waits for that. */
  async drain(): Promise<void> {
    this.over();
    this.init({ to: ["spanwise", "langfuse", "otlp"], mask: "none", spool: true, options: { live: false } });
    await expect.poll(() => getTracer().flush()).toMatchObject({ pending: 0 });
  }

  init({ to, mask, spool: isSpooled, options }: Setup): void {
    const [first, second, third] = this.sinks as [Sink, Sink, Sink];
    const keys = { publicKey: "pk", secretKey: "sk" };
    const made: Record<string, () => Exporter> = {
      spanwise: () => spanwise({ baseUrl: first.url }),
      langfuse: () => langfuse({ baseUrl: second.url, protocol: "http/json", ...keys }),
      otlp: () => otlp({ endpoint: third.url, compression: "gzip" }),
      // What a spool keeps for a port at which nobody ever answers would stay for the next round.
      dead: () => (isSpooled ? memory() : otlp({ endpoint: "http://127.0.0.1:1" })),
      memory,
      throws: () => throwing,
    };
    init({
      ...options,
      exporters: to.map((name) => made[name]!()),
      mask: MASKS[mask],
      ...(isSpooled && { spool: spool({ dir: this.#folder }) }),
      onDrop: ({ destination, reason, count }) => {
        if (reason !== "unsupported") this.losses.push(`${destination}: ${count} ${reason}`);
      },
      logLevel: "silent",
    });
  }
}

/** started = open + queued + sent + dropped + unsampled, and no column below nothing. */
export function balance(): void {
  const { started, open, queued, sent, dropped, unsampled, bytesHeld, scores, destinations } = getTracer().stats();
  const lost = sum(dropped);
  expect({ started, sum: open + queued + sent + lost + unsampled }).toEqual({ started, sum: started });
  const scored = scores.queued + scores.sent + sum(scores.dropped);
  expect({ scores: scores.started, sum: scored }).toEqual({ scores: scores.started, sum: scores.started });
  const columns = [open, queued, sent, unsampled, bytesHeld, scores.queued, ...destinations.map((one) => one.queued)];
  expect(Math.min(...columns)).toBeGreaterThanOrEqual(0);
}

function sum(counts: Partial<Record<string, number>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
}

/** By destination, the names of what ended while it was configured. */
type Ended = Map<string, string[]>;

/** Does the steps, looks at the balance after each, and at every turn of the event loop besides. */
export async function play(backends: Backends, { first, steps }: Run): Promise<Ended> {
  backends.reset();
  backends.init(first);
  let { to } = first;
  const ended: Ended = new Map();
  const open: { name: string; observation: Observation }[] = [];
  const waits: Promise<unknown>[] = [];
  const end = (one: (typeof open)[number] | undefined): void => {
    if (!one) return;
    one.observation.end({ output: "y".repeat(50) });
    for (const destination of to) ended.set(destination, [...(ended.get(destination) ?? []), one.name]);
  };
  const state = { isOver: false };
  const watching = (async () => {
    while (!state.isOver) {
      balance();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  // Awaited at the end: until then nobody hears of it.
  watching.catch(() => {});
  for (const [at, step] of steps.entries()) {
    const latest = open.at(-1)?.observation;
    if (step.do === "start") {
      const name = `span ${at}`;
      open.push({ name, observation: startObservation(name, { input: "x".repeat(200) }, { parent: null }) });
    } else if (step.do === "end") end(open.shift());
    else if (step.do === "end twice") {
      latest?.end();
      end(open.pop());
    } else if (step.do === "update") latest?.update({ metadata: { at } });
    else if (step.do === "update trace") latest?.updateTrace({ tags: [`${at}`] });
    else if (step.do === "score") getTracer().score({ name: "s", value: 1, traceId: "t" });
    else if (step.do === "attach") latest?.update({ input: ATTACHED });
    else if (step.do === "turn") await new Promise((resolve) => setImmediate(resolve));
    else if (step.do === "wait") await new Promise((resolve) => setTimeout(resolve, 10));
    else if (step.do === "flush") waits.push(getTracer().flush({ timeoutMs: 100 }));
    else if (step.do === "shutdown") waits.push(getTracer().shutdown({ timeoutMs: step.timeoutMs }));
    else if (step.do === "fault") backends.sinks[step.backend]!.script(step.rules);
    else if (step.do === "init") {
      backends.init(step.setup);
      ({ to } = step.setup);
    }
    balance();
  }
  for (const { observation, name } of open.splice(0)) end({ observation, name });
  const results = await Promise.all(waits);
  state.isOver = true;
  await watching;
  for (const result of results) expect(Math.min(...Object.values(result as object))).toBeGreaterThanOrEqual(0);
  return ended;
}
