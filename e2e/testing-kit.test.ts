import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConsumer, type Consumer } from "./support/consumer.ts";
import { start } from "./support/run.ts";

let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer(["core"]);
});
afterAll(() => consumer.remove());

const imports = {
  mjs: `import test from "node:test";
import { createTracer } from "@spanwise/core";
import { expectTrace, memory } from "@spanwise/core/testing";`,
  cjs: `const test = require("node:test");
const { createTracer } = require("@spanwise/core");
const { expectTrace, memory } = require("@spanwise/core/testing");`,
};

/** One test of an application's, in node:test. */
const program = (format: keyof typeof imports, model: string): string => `${imports[format]}
test("answers", async () => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter] });
  const root = tracer.startObservation("agent", {}, { type: "agent" });
  root.generation("answer", { model: "gpt-4o" }).end();
  root.end();
  await tracer.flush();
  expectTrace(exporter).toMatchTree({ name: "agent", children: [{ type: "generation", model: "${model}" }] });
});
`;

describe.each(["mjs", "cjs"] as const)("expectTrace in node:test, %s", (format) => {
  const run = (model: string) =>
    start(["--test", "--test-reporter=spec", consumer.write(`kit.test.${format}`, program(format, model))], {
      cwd: consumer.folder,
    }).finished();

  test("passes", async () => {
    const { code, output } = await run("gpt-4o");
    expect(output).toMatch(/pass 1/);
    expect(code).toBe(0);
  });

  test("fails with the difference as a tree", async () => {
    const { code, output } = await run("gpt-5");
    expect(code).toBe(1);
    expect(output).toMatch(/fail 1/);
    expect(output).toContain("!   answer (generation)");
    expect(output).toContain('model: expected "gpt-5", got "gpt-4o"');
  });
});
