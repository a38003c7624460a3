import { setTimeout as sleep } from "node:timers/promises";
import type OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { observeOpenAI } from "../src/index.ts";
import { RECORDED } from "../src/methods.ts";
import { endpointOf } from "../src/provider.ts";
import { MAJORS } from "./conformance/majors.ts";
import { errorFacts, type OpenAIModule } from "./conformance/scenarios.ts";
import {
  callAsRecorded,
  createClientFor,
  findMethod,
  methodOf,
  partsOf,
  requestOf,
} from "./support/call-as-recorded.ts";
import { hasCorpus, readExchanges, readRecording, type Exchange, type Expected } from "./support/corpus.ts";
import { expectChoices, expectItems, expectText, expectUsage } from "./support/expect-facts.ts";
import { createReplayServer } from "./support/replay-server.ts";
import { createTraced, type Read, type Traced } from "./support/traced.ts";

/** Two answers recorded as one stream: two calls of index 0, told apart by their ids. The facts were made by index alone. */
const TWO_IN_ONE = "cerebras-sse-515800f7";
/** Its usage and finish reason come in the event of the error, of which the client shows the error only. */
const USAGE_WITH_ERROR = "err-in-stream-openrouter-e50d0991";

interface Outcome {
  value?: unknown;
  error?: unknown;
}

describe.skipIf(!hasCorpus)("recorded exchanges, replayed over HTTP", () => {
  const exchanges = readExchanges();

  it("are all of them", () => {
    expect(exchanges.length).toBeGreaterThan(100);
  });

  describe.each(MAJORS)("openai $version", ({ load }) => {
    it.each(exchanges)("$id", async (exchange) => {
      const module = await load();
      const recording = readRecording(exchange);
      const server = await createReplayServer(recording);
      const traced = createTraced();
      try {
        const raw = createClientFor(module, exchange, server.origin);
        const client = observeOpenAI(createClientFor(module, exchange, server.origin), {
          tracer: traced.tracer,
          // As it would be at the host that was recorded.
          includeUsage: endpointOf({ baseURL: `https://${exchange.host}/v1` }).usageWhenAsked ? "auto" : false,
        });
        const plain = await outcomeOf(raw, exchange, module);
        const observed = await outcomeOf(client, exchange, module);

        expect(observed).toEqual(plain);
        expect(server.requests.map(({ endpoint }) => endpoint)).toEqual([exchange.endpoint, exchange.endpoint]);
        expect(withoutUsageWish(server.requests[1]!.body)).toEqual(withoutUsageWish(server.requests[0]!.body));
        expectError(observed, exchange.expected);
        await expectRecord(traced, raw, exchange, recording.response_headers["x-request-id"]);
      } finally {
        await server.close();
      }
    });
  });
});

async function outcomeOf(client: OpenAI, exchange: Exchange, module: OpenAIModule): Promise<Outcome> {
  const body = requestOf(exchange, readRecording(exchange));
  try {
    return { value: await callAsRecorded(client, exchange, body) };
  } catch (error) {
    return { error: errorFacts(error, module) };
  }
}

function expectError({ error }: Outcome, expected: Expected): void {
  expect(error !== undefined).toBe(expected.error !== undefined);
}

function withoutUsageWish(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  const { stream_options: _wish, ...rest } = body as Record<string, unknown>;
  return rest;
}

async function expectRecord(
  traced: Traced,
  raw: OpenAI,
  exchange: Exchange,
  requestId: string | undefined,
): Promise<void> {
  const { name } = methodOf(partsOf(exchange).path);
  const surface = Object.hasOwn(RECORDED, name) ? RECORDED[name] : undefined;
  const { expected } = exchange;
  if (!surface || !findMethod(raw, name)[1]) {
    expect(await traced.read()).toEqual([]);
    return;
  }
  if (expected.status === "queued") {
    // It stays open for the caller's own retrieve, which does not come.
    await sleep(0);
    expect(await traced.read()).toEqual([]);
    await traced.tracer.shutdown();
  }
  const record = await traced.one();
  expect(record).toMatchObject({ type: surface.type, name: surface.name });
  expect(record.metadata.httpStatus).toBe(exchange.status);
  if (requestId !== undefined) expect(record.metadata.requestId).toBe(requestId);
  if (expected.error) expectFailure(record, expected.error);
  else expectStatus(record, expected);
  expectFacts(record, exchange);
}

function expectStatus(record: Read, { status, choices, incomplete_reason: reason }: Expected): void {
  if (status === "queued") expect(record).toMatchObject({ status: "incomplete" });
  else if (status === "incomplete") {
    expect(record).toMatchObject({ status: "incomplete", level: "WARNING", metadata: { incomplete_reason: reason } });
  } else {
    const isCutOff = choices?.some(({ finish_reason }) => finish_reason === null) === true;
    expect(record).toMatchObject({ status: "ok", level: isCutOff ? "WARNING" : "DEFAULT" });
  }
}

function expectFailure(record: Read, { message_first120: message, ...error }: NonNullable<Expected["error"]>): void {
  expect(record).toMatchObject({ status: "error", level: "ERROR" });
  expect(record.statusMessage).toContain(message.slice(0, 120));
  const { status, code, type, param } = record.metadata.error;
  expect({ status: status ?? null, code: code ?? null, type: type ?? null, param: param ?? null }).toEqual(error);
}

function expectFacts(record: Read, { id, expected }: Exchange): void {
  if (expected.model) expect(record.model).toBe(expected.model);
  if (expected.response_id) expect(record.metadata.response_id).toBe(expected.response_id);
  if (expected.system_fingerprint) expect(record.metadata.system_fingerprint).toBe(expected.system_fingerprint);
  if (expected.service_tier) expect(record.metadata.service_tier).toBe(expected.service_tier);
  expectUsage(record, id === USAGE_WITH_ERROR ? null : expected.usage);
  if (id === TWO_IN_ONE) {
    const call = { type: "function", function: { name: "nonUsefulTool", arguments: "{}" } };
    expect(record.output.tool_calls).toEqual([
      { id: "bbd2b9d98", ...call },
      { id: "e0ecf32e0", ...call },
    ]);
  } else if (expected.choices && id !== USAGE_WITH_ERROR) expectChoices(record, expected.choices);
  if (expected.output_types) expectItems(record, expected);
  else if (expected.text && !expected.choices) expectText(record.output.text ?? record.output, expected.text);
}
