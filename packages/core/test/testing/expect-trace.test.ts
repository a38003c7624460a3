import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTracer, type Observation, type Tracer } from "../../src/index.ts";
import {
  TraceAssertionError,
  expectTrace,
  inAnyOrder,
  including,
  memory,
  type MemoryExporter,
} from "../../src/testing/index.ts";

let exporter: MemoryExporter;
let tracer: Tracer;
let clock: number;

beforeEach(() => {
  exporter = memory();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  clock = Date.UTC(2026, 0, 1);
});
afterEach(() => tracer.shutdown());

const at = (): { startTime: number } => ({ startTime: (clock += 1000) });

/** agent → [plan, search, search, answer]; the answer ended with an error. */
async function recordAgent(): Promise<Observation> {
  const trace = { userId: "user-1", tags: ["beta"], metadata: { plan: "pro" } };
  const root = tracer.startObservation("agent", { input: { question: "why?" } }, { type: "agent", trace, ...at() });
  const plan = root.generation("plan", { model: "gpt-4o", input: [{ role: "user", content: "why?" }] }, at());
  plan.end({ output: "search", usageDetails: { input: 12, output: 3 } }, { endTime: clock + 250 });
  for (const query of ["a", "b"]) root.tool("search", { input: { query } }, at()).end({}, { endTime: clock + 100 });
  const answer = root.generation("answer", { model: "gpt-4o-mini" }, at());
  answer.end({ level: "ERROR", statusMessage: "quota" }, { endTime: clock + 10 });
  root.score({ name: "good", value: 1, comment: "yes" });
  root.end({ output: null, metadata: { steps: 3 } }, { endTime: clock + 500 });
  await tracer.flush();
  return root;
}

/** The message of the assertion that must fail. */
function failureOf(assertion: () => unknown): string {
  try {
    assertion();
  } catch (error) {
    expect(error).toBeInstanceOf(TraceAssertionError);
    return (error as Error).message.replaceAll(/\b[0-9a-f]{32}\b/g, "<trace id>");
  }
  throw new Error("the assertion passed");
}

describe("toMatchTree passes", () => {
  test("on what is named and looks at nothing else", async () => {
    await recordAgent();
    expectTrace(exporter)
      .toMatchTree({ name: "agent" })
      .toMatchTree({
        type: "agent",
        status: "ok",
        input: { question: "why?" },
        output: null,
        version: undefined,
        metadata: { steps: 3 },
        trace: { userId: "user-1", tags: ["beta"], metadata: { plan: "pro" } },
        children: [
          { name: "plan", model: /gpt/, usageDetails: { input: 12 }, input: [{ role: "user" }], children: [] },
          { name: "search", type: "tool", times: 2 },
          { type: "generation", status: "error", level: "ERROR", statusMessage: (text: string) => text === "quota" },
        ],
      });
  });

  test("on framework matchers, predicates and `where`", async () => {
    await recordAgent();
    expectTrace(exporter).toMatchTree({
      name: expect.stringContaining("age") as never,
      input: expect.objectContaining({ question: expect.any(String) as unknown }) as unknown,
      where: ({ children, startTime, endTime }) => children.length === 4 && endTime! > startTime,
    });
  });

  test("on children in any order, where a general pattern leaves the node to a special one", async () => {
    await recordAgent();
    expectTrace(exporter).toMatchTree({
      children: inAnyOrder([
        { type: "generation" },
        { name: "search", times: [1, 5] },
        { type: "generation", name: "plan" },
      ]),
    });
    expectTrace(exporter).toMatchTree({ children: including([{ name: "answer" }, { name: "plan" }]) });
  });

  test("on optional children that are not there", async () => {
    await recordAgent();
    expectTrace(exporter).toMatchTree({
      children: [
        { name: "plan" },
        { name: "rerank", times: [0, 3] },
        { type: "tool", times: [1, 9] },
        { name: "answer" },
      ],
    });
  });

  test("on several roots, and on one of several traces by id or name", async () => {
    const first = await recordAgent();
    tracer.startObservation("other", {}, { parent: null, ...at() }).end();
    await tracer.flush();
    expectTrace(exporter).toMatchTree([{ name: "agent" }, { name: "other" }]);
    expectTrace(exporter, { name: "other" }).toMatchTree({ name: "other", children: [] }).toHaveCount(1);
    expectTrace(exporter, { traceId: first.traceId }).toMatchTree({ name: "agent" }).toHaveCount(5);
  });

  test("on the last record of an observation that was sent twice", async () => {
    const [, record] = [await recordAgent(), exporter.observations.find(({ name }) => name === "agent")!];
    const early = { ...record, status: "incomplete" as const, output: undefined };
    const others = exporter.observations.filter(({ name }) => name !== "agent");
    expectTrace({ observations: [early, ...others, record] })
      .toMatchTree({ status: "ok" })
      .toHaveCount(5);
  });
});

describe("toMatchTree fails", () => {
  test("with a tree that shows what is missing, what was not expected and what differs", async () => {
    await recordAgent();
    const message = failureOf(() =>
      expectTrace(exporter).toMatchTree({
        name: "agent",
        children: [
          { name: "plan", model: "gpt-5", usageDetails: { input: 13 } },
          { name: "rerank", type: "retriever", children: [{ name: "embed" }] },
          { name: "search" },
          { name: "answer" },
        ],
      }),
    );
    expect(message).toBe(
      [
        "expectTrace: 3 observations differ (- missing, + not expected, ! different)",
        "",
        "  agent (agent)",
        "!   plan (generation)",
        '        model: expected "gpt-5", got "gpt-4o"',
        "        usageDetails.input: expected 13, got 12",
        "-   rerank (retriever)   is missing",
        "-     embed   is missing",
        "    search (tool)",
        "+   search (tool), 100 ms   was not expected",
        "    answer (generation)",
      ].join("\n"),
    );
  });

  test.each([
    ["a wrong name", { name: "agents" }, 'name: expected "agents", got "agent"'],
    ["a wrong type", { type: "chain" as const }, 'type: expected "chain", got "agent"'],
    [
      "a value that is there and should not be",
      { input: undefined },
      'input: expected nothing, got { question: "why?" }',
    ],
    ["a key that is not there", { metadata: { steps: 3, more: 1 } }, "metadata.more: expected 1, got nothing"],
    ["one tag of none", { trace: { tags: [] } }, 'trace.tags: expected [], got ["beta"]'],
    ["a regular expression", { name: /^x/g }, 'name: expected /^x/g, got "agent"'],
    ["a predicate", { input: () => false }, "input: expected predicate input"],
    [
      "a predicate that throws",
      { output: (value: { deep: { er: boolean } }) => value.deep.er },
      "output: expected predicate",
    ],
    ["a matcher", { name: expect.any(Number) as never }, 'name: expected Any<Number>, got "agent"'],
    ["where", { where: () => false }, "where: expected predicate where"],
    ["no children", { children: [] }, "+   plan (generation), gpt-4o"],
    ["too many times", { children: [{ times: 5 }] }, "-   any name times 5   is missing"],
    ["too few times", { children: [{ times: [1, 3] as const }] }, "was not expected"],
    [
      "the wrong order",
      { children: [{ name: "search" }, { name: "plan" }, { name: "search" }, {}] },
      "-   search   is missing",
    ],
    ["one missing among others", { children: including([{ name: "rerank" }]) }, "rerank   is missing"],
    ["one more in any order", { children: inAnyOrder([{ name: "plan" }, { name: "answer" }]) }, "+   search (tool)"],
    [
      "the same node for two patterns",
      { children: including([{ name: "plan" }, { name: "plan" }]) },
      "plan   is missing",
    ],
    ["deep below", { children: including([{ name: "plan", children: [{ name: "x" }] }]) }, "-     x   is missing"],
  ])("on %s", async (_, pattern, part) => {
    await recordAgent();
    expect(failureOf(() => expectTrace(exporter).toMatchTree(pattern))).toContain(part);
  });

  test("when nothing was recorded, and says what to look for", async () => {
    const message = failureOf(() => expectTrace(exporter).toMatchTree({ name: "agent" }));
    expect(message).toContain("- agent   is missing");
    expect(message).toContain("is the flush() of the tracer awaited before?");
  });

  test("when it is not said which of several traces or roots is meant", async () => {
    await recordAgent();
    tracer.startObservation("other", {}, { parent: null, ...at() }).end();
    await tracer.flush();
    expect(failureOf(() => expectTrace(exporter).toMatchTree({ name: "agent" }))).toContain(
      "2 traces were recorded: say which",
    );
    expect(failureOf(() => expectTrace(exporter).toMatchTree([{ name: "agent" }]))).toContain("+ other (span)");
    expect(failureOf(() => expectTrace(exporter, { name: "none" }).toMatchTree({}))).toContain("is missing");
  });
});

describe("the other assertions", () => {
  beforeEach(async () => {
    await recordAgent();
  });

  test("toHaveObservation finds at any depth, and so many times", () => {
    expectTrace(exporter)
      .toHaveObservation({ name: "search" })
      .toHaveObservation({ name: "search", times: 2 })
      .toHaveObservation({ type: "generation", times: [1, 2] });
    expect(failureOf(() => expectTrace(exporter).toHaveObservation({ name: "search", times: 3 }))).toContain(
      "there are 2",
    );
    const message = failureOf(() => expectTrace(exporter).toHaveObservation({ name: "plan", model: "gpt-5" }));
    expect(message).toContain('expected plan { model: "gpt-5" }, there is none');
    expect(message).toContain('model: expected "gpt-5", got "gpt-4o"');
    expect(message).toContain("Recorded:\n\ntrace <trace id>\n  agent (agent)");
  });

  test("toHaveNoObservation, toHaveCount and find", () => {
    expectTrace(exporter).toHaveNoObservation({ type: "embedding" }).toHaveCount(5);
    expect(failureOf(() => expectTrace(exporter).toHaveNoObservation({ type: "tool" }))).toContain("there are 2");
    expect(failureOf(() => expectTrace(exporter).toHaveCount(4))).toContain("expected 4 observations, there are 5");
    expect(expectTrace(exporter).find({ name: "plan" }).output).toBe("search");
    expect(failureOf(() => expectTrace(exporter).find({ name: "search" }))).toContain(
      "expected one search, there are 2",
    );
    expect(failureOf(() => expectTrace(exporter).find({ name: "none" }))).toContain("there is none");
  });

  test("toHaveScore", () => {
    expectTrace(exporter).toHaveScore({ name: "good", value: 1, comment: /ye/ });
    expect(failureOf(() => expectTrace(exporter).toHaveScore({ name: "good", value: 0 }))).toContain(
      'name: "good", value: 1',
    );
  });

  test("print shows the tree with status, model, tokens and time", () => {
    expect(
      expectTrace(exporter)
        .print()
        .replaceAll(/\b[0-9a-f]{32}\b/g, "<trace id>"),
    ).toBe(
      [
        "trace <trace id>",
        "  agent (agent), 4500 ms",
        '    plan (generation), gpt-4o, tokens {"input":12,"output":3}, 250 ms',
        "    search (tool), 100 ms",
        "    search (tool), 100 ms",
        '    answer (generation), error: "quota", gpt-4o-mini, 10 ms',
      ].join("\n"),
    );
  });

  test("the error is an assertion's for every runner", () => {
    const attempt = (): unknown => expectTrace(exporter).toHaveCount(1);
    assert.throws(attempt, { name: "AssertionError", code: "ERR_ASSERTION" });
    expect(attempt).toThrow(TraceAssertionError);
  });
});

test("an observation whose parent was not recorded is a root, and one that is its own parent ends nothing", async () => {
  const root = tracer.startObservation("never-ended", {}, at());
  root.span("child", {}, at()).end();
  await tracer.flush();
  expectTrace(exporter).toMatchTree({ name: "child" });
  const [record] = exporter.observations;
  expectTrace({ observations: [{ ...record!, parentId: record!.id }] }).toMatchTree({ name: "child" });
});
