import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConsumer, linkFrom, root, type Consumer } from "./support/consumer.ts";

let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer(["core", "openai", "langchain", "llamaindex"]);
  linkFrom(consumer, join(root, "packages/langchain/node_modules"), ["@langchain/core"]);
});
afterAll(() => consumer.remove());

/** What is `any` takes every value and gives none of its own away: it is asked for by name. */
const program = (name: string): string => `
import { createTracer, init, observe, startActiveObservation } from "@spanwise/core";
import type { Destination, Exporter, MaskRecord, Receipt } from "@spanwise/core";
import * as adapter from "@spanwise/core/adapter";
import { createClient } from "@spanwise/core/api";
import { consoleExporter } from "@spanwise/core/console";
import { langfuse } from "@spanwise/core/langfuse";
import { emails, maskWith } from "@spanwise/core/mask";
import { Media } from "@spanwise/core/media";
import { otlp } from "@spanwise/core/otlp";
import { withRequest } from "@spanwise/core/serverless";
import { spool } from "@spanwise/core/spool";
import { expectTrace, memory } from "@spanwise/core/testing";
import { CallbackHandler } from "@spanwise/langchain";
import { instrumentLlamaIndex } from "@spanwise/llamaindex";
import { observeOpenAI } from "@spanwise/openai";

type IsAny<T> = 0 extends 1 & T ? true : false;
const typed = <T,>(_value: IsAny<T> extends true ? never : T): void => {};

typed(adapter.getTracer());
typed(createClient({ baseUrl: "http://localhost" }));
typed(langfuse({ publicKey: "pk", secretKey: "sk" }));
typed(new Media({ bytes: new Uint8Array(1) }));
typed(withRequest((request: Request) => new Response(request.url)));
typed(expectTrace(memory()));
typed(new CallbackHandler());
typed(instrumentLlamaIndex);
typed(observeOpenAI);

/** As docs/exporters.md has it. */
const receipts: Receipt[] = [];
const destination: Destination = {
  ...memory().connect({} as Parameters<Exporter["connect"]>[0]),
  pushObservation(record, receipt) {
    typed(record);
    typed(record.trace.current);
    receipts.push(receipt);
  },
};
const exporter: Exporter = { name: "own", host: undefined, connect: () => destination };

const tracer = init({
  exporters: [exporter, consoleExporter({ content: false }), otlp({ url: "http://localhost/v1/traces" })],
  mask: maskWith(emails()),
  spool: spool({ dir: "${name}" }),
  onDrop: ({ reason, count }) => typed([reason, count]),
});
typed(tracer);
typed(tracer.stats().dropped.queue_full);
typed(createTracer({ mask: (record) => ({ ...record, input: typed<MaskRecord>(record) }) }));

const answer = observe(async (question: string, times?: number) => ({ question, times }), { type: "agent" });
const answered: Promise<{ question: string; times: number | undefined }> = answer("why?");
const chunks = observe(async function* (text: string) {
  yield text.length;
});
const lengths: AsyncGenerator<number, void, unknown> = chunks("text");
const value: Promise<number> = startActiveObservation("step", async (span) => {
  typed(span);
  span.update({ output: 1 }).score({ name: "helpful", value: true });
  return 5;
});
/** As a provider's answer has it. */
declare const usage: { prompt_tokens?: number; completion_tokens: number } | undefined;
tracer
  .startObservation("call", { type: "generation" })
  .end({ usageDetails: { input: usage?.prompt_tokens, output: usage?.completion_tokens }, costDetails: { total: null } });
export { answered, lengths, value };
`;

describe.each([
  ["node16", "Node16"],
  ["bundler", "ESNext"],
  // What `module: "CommonJS"` meant until TypeScript 6: it knows no `exports`.
  ["node10", "CommonJS"],
])("types of the packed packages, moduleResolution %s", (moduleResolution, module) => {
  test("they are whole, strict and nowhere any", () => {
    const extensions = { node16: ["mts", "cts"], bundler: ["mts"], node10: ["ts"] }[moduleResolution]!;
    const files = extensions.map((extension) => consumer.write(`program.${extension}`, program(extension)));
    const compilerOptions = {
      module,
      moduleResolution,
      target: "ES2022",
      lib: ["ES2023", "DOM", "DOM.Iterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      ignoreDeprecations: "6.0",
    };
    consumer.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
    expect(compile()).toEqual([]);
  });
});

/** Errors of the program and of our declarations. Those of others are theirs. */
function compile(): string[] {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", consumer.folder, "--pretty", "false"], {
      cwd: consumer.folder,
      stdio: "pipe",
    });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout: Buffer };
    return stdout
      .toString()
      .split("\n")
      .filter((line) => /^(program|node_modules\/@spanwise\/)/.test(line));
  }
}
