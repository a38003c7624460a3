import { describe, expect, test } from "vitest";
import { exporter, setUp, tracer } from "./support/in-memory.ts";

describe("masking", () => {
  const redact = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value ?? null).replaceAll("secret", "***")) as unknown;

  test.each([
    ["synchronous", (record: object) => redact(record) as never],
    ["asynchronous", async (record: object) => redact(record) as never],
  ])("a %s mask covers every field", async (_, mask) => {
    setUp({ mask });
    const span = tracer.startObservation(
      "secret name",
      {
        input: { a: "secret" },
        output: ["secret"],
        metadata: { k: "secret" },
        statusMessage: "secret",
        model: "secret",
        modelParameters: { stop: "secret" },
      },
      {
        trace: {
          userId: "secret",
          sessionId: "secret",
          tags: ["secret"],
          traceName: "secret",
          metadata: { m: "secret" },
        },
      },
    );
    span.updateTrace({ metadata: { late: "secret" } });
    span.score({ name: "secret", value: "secret", comment: "secret" });
    span.end();
    await tracer.flush();
    const [record] = exporter.observations;
    const all = JSON.stringify([record, record!.trace.current(), exporter.scores]);
    expect(all).not.toContain("secret");
    expect(all).toContain("***");
    expect(record!.trace.current().metadata).toBe('{"m":"***","late":"***"}');
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["returns nothing", () => undefined as never],
  ])("a mask that %s fails closed", async (_, mask) => {
    setUp({ mask });
    tracer.startObservation("secret", { input: "secret", metadata: { secret: "secret" } }).end();
    await tracer.flush();
    expect(JSON.stringify(exporter.observations)).not.toContain("secret");
    expect(exporter.observations[0]).toMatchObject({ name: "[masking failed]", input: '"[masking failed]"' });
    expect(tracer.stats().maskFailed).toBe(1);
  });

  test("what a mask returns is captured like any value", async () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    setUp({ mask: (record) => ({ ...record, input: cycle, output: 10n }) });
    tracer.startObservation("span", { input: 1 }).end();
    await tracer.flush();
    expect(exporter.observations[0]).toMatchObject({ input: '{"self":"[Circular]"}', output: '"10"' });
  });
});
