import { afterEach, describe, expect, test, vi } from "vitest";
import { consoleExporter, type ConsoleExporterOptions } from "../../src/console.ts";
import { lineOf } from "../../src/exporters/console/line.ts";
import { treeLines, type Entry } from "../../src/exporters/console/trace-lines.ts";
import { createTracer, memory, type Tracer, type TracerOptions } from "../../src/index.ts";

let tracer: Tracer | undefined;
const START = Date.UTC(2026, 0, 2, 3, 4, 5);

afterEach(async () => {
  vi.useRealTimers();
  await tracer?.shutdown({ timeoutMs: 50 });
  tracer = undefined;
});

function printing(options: ConsoleExporterOptions = {}, tracerOptions: TracerOptions = {}): string[] {
  const printed: string[] = [];
  const exporter = consoleExporter({ write: (text) => void printed.push(text), colors: false, ...options });
  tracer = createTracer({ exporters: [exporter], logLevel: "silent", ...tracerOptions });
  return printed;
}

test("a trace is one tree, printed when its root has ended", async () => {
  const printed = printing();
  const at = { startTime: START };
  const root = tracer!.startObservation(
    "answer",
    { input: "What is the weather?" },
    { ...at, type: "agent", trace: { userId: "u-1", sessionId: "s-1", tags: ["beta"] } },
  );
  const draft = root.generation("draft", { model: "gpt-4o", input: [{ role: "user" }] }, { startTime: START + 1 });
  const search = draft.tool("search", { input: { q: "x" } }, { startTime: START + 2 });
  search.end({ level: "ERROR", statusMessage: "Timeout:\n no answer" }, { endTime: START + 36 });
  draft.end(
    {
      output: "Rain.",
      usageDetails: { input: 10, input_cached_tokens: 2, output: 30 },
      costDetails: { total: 0.00123 },
    },
    { endTime: START + 1051 },
  );
  const check = root.guardrail("check", {}, { startTime: START + 1100 });
  check.end({ status: "cancelled" }, { endTime: START + 1100 });
  await expect.poll(() => tracer!.stats().destinations[0]).toMatchObject({ queued: 3, sent: 0 });
  expect(printed).toEqual([]);
  root.end({ output: "It rains." }, { endTime: START + 61_500 });
  await tracer!.flush();
  expect(printed).toEqual([
    [
      `answer  agent  1m2s  What is the weather? → It rains.  trace ${root.traceId}  user u-1  session s-1  tags beta`,
      '├─ draft  generation  gpt-4o  1.05s  12→30 tokens  $0.00123  [{"role":"user"}] → Rain.',
      '│  └─ search  tool  34ms  error Timeout: no answer  {"q":"x"}',
      "└─ check  guardrail  0ms  cancelled",
    ].join("\n"),
  ]);
  expect(tracer!.stats()).toMatchObject({ started: 4, sent: 4, queued: 0, dropped: {} });
});

describe("a trace whose root has not ended", () => {
  test("is printed in part at a flush, and the rest later", async () => {
    const printed = printing({ content: false });
    const root = tracer!.startObservation("root");
    root.span("early").end();
    expect(await tracer!.flush()).toMatchObject({ sent: 1, pending: 0 });
    expect(printed).toEqual([
      expect.stringMatching(new RegExp(`^trace ${root.traceId}  in part\nearly  span  \\d+ms$`)),
    ]);
    root.span("late").end();
    root.end();
    await tracer!.flush();
    expect(printed[1]).toMatch(/^root .*\n└─ late {2}span/);
  });

  test("is printed in part when it has waited long enough", async () => {
    const printed = printing({ maxWaitMs: 30 });
    const root = tracer!.startObservation("root");
    root.span("early").end();
    await expect.poll(() => printed).toHaveLength(1);
    expect(printed[0]).toContain("in part\nearly");
    root.end();
  });

  test("is printed at the end, with what was open as incomplete", async () => {
    const printed = printing();
    const root = tracer!.startObservation("root");
    root.span("open");
    await tracer!.shutdown();
    expect(printed.join("\n")).toMatch(/root .*incomplete/);
    expect(printed.join("\n")).toMatch(/open .*incomplete/);
    expect(tracer!.stats()).toMatchObject({ sent: 2, queued: 0 });
  });

  test("waits in a bounded number of lines", async () => {
    const printed = printing();
    const roots = Array.from({ length: 3 }, (_, i) => tracer!.startObservation(`root ${i}`));
    for (let i = 0; i < 10_002; i++) roots[i % 3]!.span("child").end();
    await expect.poll(() => tracer!.stats().destinations[0]!.sent).toBeGreaterThan(0);
    expect(tracer!.stats().destinations[0]!.queued).toBeLessThanOrEqual(10_000);
    expect(printed[0]).toMatch(new RegExp(`^trace ${roots[0]!.traceId}  in part\n`));
  });
});

test("scores are lines of their own", async () => {
  const printed = printing();
  const root = tracer!.startObservation("root");
  root.score({ name: "helpful", value: 1, comment: "very\nmuch" });
  await tracer!.flush();
  expect(printed).toEqual([`score helpful = 1  observation ${root.id}  very much`]);
  expect(tracer!.stats().scores).toMatchObject({ sent: 1 });
});

test("a writer that throws loses its lines, counted, and nothing else", async () => {
  const other = memory();
  const exporters = [
    consoleExporter({
      write: () => {
        throw new Error("EPIPE");
      },
    }),
    other,
  ];
  tracer = createTracer({ exporters, logLevel: "silent" });
  const root = tracer.startObservation("root");
  root.span("child").end();
  root.end();
  expect(await tracer.flush()).toMatchObject({ sent: 2, pending: 0 });
  expect(other.observations).toHaveLength(2);
  expect(tracer.stats().destinations[0]).toMatchObject({ sent: 0, queued: 0, dropped: { rejected: 2 } });
  expect(tracer.stats().destinations[0]!.lastError).toContain("EPIPE");
});

test("console.log is the default, whoever has patched it", async () => {
  const log = vi.spyOn(globalThis.console, "log").mockImplementation(() => {});
  tracer = createTracer({ exporters: [consoleExporter()], logLevel: "silent" });
  tracer.startObservation("root").end();
  await tracer.flush();
  expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("root"));
  log.mockRestore();
});

describe("a line", () => {
  test("cannot steer the terminal or fake another line", async () => {
    const printed = printing({ content: true });
    const evil = "a\u001b[2J\u001b]0;title\u0007b\nspan fake\r\u202egnp\u009b31m";
    tracer!
      .startObservation(evil, { input: evil, output: evil, model: evil }, { trace: { userId: evil, sessionId: evil } })
      .end({ level: "ERROR", statusMessage: evil });
    await tracer!.flush();
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(printed[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test("is bounded, whatever the payload", async () => {
    const long = "x".repeat(1_000_000);
    const printed = printing();
    const attributes = { input: long, output: [long], model: long, statusMessage: long };
    tracer!.startObservation(long, attributes, { trace: { userId: long, sessionId: long, tags: [long] } }).end();
    await tracer!.flush();
    expect(printed[0]!.length).toBeLessThan(1000);
  });

  test("has colours when asked for", async () => {
    const sink = memory();
    tracer = createTracer({ exporters: [sink] });
    tracer.startObservation("a").end({ level: "ERROR", statusMessage: "no" });
    await tracer.flush();
    const [record] = sink.observations;
    expect(lineOf(record!, { content: true, colors: true })).toContain(
      "\u001b[31merror\u001b[39m \u001b[31mno\u001b[39m",
    );
    expect(lineOf(record!, { content: true, colors: false })).toMatch(/^a {2}span {2}\d+ms {2}error no$/);
  });
});

describe("the tree", () => {
  const entry = (id: string, parentId: string | undefined, startTime: number): Entry => ({
    id,
    parentId,
    startTime,
    line: id,
    receipt: undefined as never,
  });

  test("is by start time, in whatever order its observations ended, with orphans at the top", () => {
    const entries = [
      entry("b2", "b", 4),
      entry("b1", "b", 3),
      entry("x", "gone", 9),
      entry("b", "a", 2),
      entry("a", undefined, 1),
      entry("c", "a", 5),
    ];
    expect(treeLines(entries)).toEqual(["a", "├─ b", "│  ├─ b1", "│  └─ b2", "└─ c", "x"]);
  });

  test("of 20 000 levels neither overflows the stack nor fills the memory", () => {
    const entries = Array.from({ length: 20_000 }, (_, i) => entry(`n${i}`, i === 0 ? undefined : `n${i - 1}`, i));
    const lines = treeLines(entries);
    expect(lines).toHaveLength(20_000);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(120);
  });

  test("of observations that are each other's parents loses none", () => {
    expect(treeLines([entry("a", "b", 1), entry("b", "a", 2)])).toHaveLength(2);
  });
});
