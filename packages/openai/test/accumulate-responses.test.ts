import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accumulateResponses,
  emptyResponses,
  isVisibleEvent,
  itemsOf,
  MAX_ITEMS,
  MAX_PARTS,
} from "../src/accumulate-responses.ts";
import { MAX_STREAM_CHARS, MAX_STREAM_NODES } from "../src/stream-budget.ts";
import { describeResponsesStream, responses } from "../src/surfaces/responses.ts";
import { hasCorpus, readExchanges, readRecording } from "./support/corpus.ts";
import { expectItems } from "./support/expect-facts.ts";
import type { Read } from "./support/traced.ts";

const added = (index: number, item: object): object => ({
  type: "response.output_item.added",
  output_index: index,
  item,
});
const done = (index: number, item: object): object => ({
  type: "response.output_item.done",
  output_index: index,
  item,
});
const text = (delta: string, index = 0, part = 0): object => ({
  type: "response.output_text.delta",
  output_index: index,
  content_index: part,
  delta,
});

function fold(...events: unknown[]): ReturnType<typeof emptyResponses> {
  const state = emptyResponses();
  for (const event of events) accumulateResponses(state, event);
  return state;
}

describe("a stream that was not completed", () => {
  it("is put together from its deltas, by item and part", () => {
    const state = fold(
      { type: "response.created", response: { id: "resp_1", model: "gpt-5", status: "in_progress", output: [] } },
      added(0, { id: "rs_1", type: "reasoning", summary: [] }),
      { type: "response.reasoning_summary_text.delta", output_index: 0, summary_index: 0, delta: "First." },
      { type: "response.reasoning_summary_text.delta", output_index: 0, summary_index: 1, delta: "Second." },
      { type: "response.reasoning_text.delta", output_index: 0, content_index: 0, delta: "hm" },
      added(1, { id: "msg_1", type: "message", role: "assistant", content: [] }),
      text("Hel", 1),
      added(2, { id: "fc_1", type: "function_call", call_id: "call_1", name: "f", arguments: "" }),
      { type: "response.function_call_arguments.delta", output_index: 2, delta: '{"a"' },
      text("lo", 1),
      text("second part", 1, 1),
      { type: "response.function_call_arguments.delta", output_index: 2, delta: ":1}" },
      { type: "response.output_text.annotation.added", output_index: 1, content_index: 0, annotation: { url: "u" } },
      { type: "response.refusal.delta", output_index: 1, content_index: 2, delta: "no" },
      added(3, { type: "custom_tool_call", call_id: "call_2", name: "sql", input: "" }),
      { type: "response.custom_tool_call_input.delta", output_index: 3, delta: "select 1" },
      added(4, { type: "code_interpreter_call", id: "ci_1", code: "" }),
      { type: "response.code_interpreter_call_code.delta", output_index: 4, delta: "1+1" },
      added(5, { type: "mcp_call", id: "mcp_1", name: "ask", arguments: "" }),
      { type: "response.mcp_call_arguments.delta", output_index: 5, delta: "{}" },
    );
    expect(describeResponsesStream(state)).toMatchObject({
      model: "gpt-5",
      metadata: { response_id: "resp_1", response_status: "in_progress" },
    });
    expect(itemsOf(state)).toEqual([
      {
        id: "rs_1",
        type: "reasoning",
        summary: [
          { type: "summary_text", text: "First." },
          { type: "summary_text", text: "Second." },
        ],
        content: [{ type: "reasoning_text", text: "hm" }],
      },
      {
        id: "msg_1",
        type: "message",
        role: "assistant",
        content: [
          { type: "output_text", text: "Hello", annotations: [{ url: "u" }] },
          { type: "output_text", text: "second part" },
          { type: "refusal", refusal: "no" },
        ],
      },
      { id: "fc_1", type: "function_call", call_id: "call_1", name: "f", arguments: '{"a":1}' },
      { type: "custom_tool_call", call_id: "call_2", name: "sql", input: "select 1" },
      { type: "code_interpreter_call", id: "ci_1", code: "1+1" },
      { type: "mcp_call", id: "mcp_1", name: "ask", arguments: "{}" },
    ]);
  });

  it("has items that were completed as they were sent, whatever happens to the event afterwards", () => {
    const item = { type: "web_search_call", action: { query: "q", sources: [{ url: "u" }] } };
    const state = fold(done(0, item));
    item.action.sources[0]!.url = "changed";
    expect(itemsOf(state)).toEqual([{ type: "web_search_call", action: { query: "q", sources: [{ url: "u" }] } }]);
  });

  it("loses nothing that came, wherever it breaks off", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.string()), { maxLength: 40 }), fc.nat(40), (deltas, at) => {
        const sent = deltas.slice(0, at);
        const items = itemsOf(fold(...sent.map(([index, delta]) => text(delta, index)))) as {
          content?: { text: string }[];
        }[];
        const indices = [...new Set(sent.map(([index]) => index))].toSorted((a, b) => a - b);
        expect(items.map(({ content }) => content![0]!.text)).toEqual(
          indices.map((index) =>
            sent
              .filter(([of]) => of === index)
              .map(([, delta]) => delta)
              .join(""),
          ),
        );
      }),
    );
  });

  it("passes over what is no event", () => {
    const odd = [null, 1, "x", [], {}, { type: 3 }, { type: "response.output_text.delta" }, added(0, [])];
    expect(itemsOf(fold(...odd)).length).toBeLessThanOrEqual(1);
  });
});

describe("a stream that was completed", () => {
  const completed = (response: object): object => ({ type: "response.completed", response: { id: "r", ...response } });

  it("is the response of its last event", () => {
    const output = [{ type: "message", content: [{ type: "output_text", text: "all" }] }];
    const state = fold(
      text("al"),
      completed({ output, usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } }),
    );
    expect(describeResponsesStream(state)).toMatchObject({ output, usageDetails: { input: 1, output: 2, total: 3 } });
  });

  it("is what came before, where a host leaves the output of its last event empty", () => {
    const state = fold(text("all"), completed({ output: [] }));
    expect(describeResponsesStream(state).output).toEqual([
      { type: "message", content: [{ type: "output_text", text: "all" }] },
    ]);
  });

  it.each([
    ["response.completed", {}, undefined],
    ["response.failed", { error: { code: "server_error", message: "broke" } }, { status: "error", message: "broke" }],
    [
      "response.incomplete",
      { incomplete_details: { reason: "max_output_tokens" } },
      { status: "incomplete", message: "incomplete: max_output_tokens" },
    ],
    ["response.cancelled", {}, { status: "cancelled", message: "the response was cancelled" }],
  ])("%s says how it ended", (type, fields, failure) => {
    const stream = responses.createStream!();
    expect(stream).toMatchObject({ finished: false, isLast: false });
    stream.accept({ type, response: { id: "r", output: [], ...fields } });
    expect(stream).toMatchObject({ finished: true, isLast: true });
    if (failure) expect(stream.failure).toMatchObject(failure);
    else expect(stream.failure).toBeUndefined();
  });

  it("an error event is a failure with its code", () => {
    const { failure } = fold({ type: "error", code: "rate_limit_exceeded", message: "slow down", param: null });
    expect(failure).toEqual({
      status: "error",
      message: "slow down",
      metadata: { error: { code: "rate_limit_exceeded" } },
    });
  });
});

describe("bounds", () => {
  it("of text, with what was cut counted", () => {
    const piece = "x".repeat(1 << 20);
    const state = fold(...Array.from({ length: 6 }, () => text(piece)));
    const { output, metadata } = describeResponsesStream(state);
    expect((output as { content: { text: string }[] }[])[0]!.content[0]!.text).toHaveLength(MAX_STREAM_CHARS);
    expect(metadata["cutChars"]).toBe(6 * piece.length - MAX_STREAM_CHARS);
  });

  it("of text: an item that is completed takes the room of its deltas, not more", () => {
    const whole = "x".repeat(MAX_STREAM_CHARS - 100);
    const item = { type: "message", content: [{ type: "output_text", text: whole }] };
    const state = fold(text(whole), done(0, item));
    expect(itemsOf(state)).toEqual([item]);
    expect(state.budget.cutChars).toBe(0);
  });

  it("of items", () => {
    const state = fold(...Array.from({ length: MAX_ITEMS + 5 }, (_, index) => text("x", index)));
    expect(itemsOf(state)).toHaveLength(MAX_ITEMS);
    expect(describeResponsesStream(state).metadata["cutNodes"]).toBe(5);
  });

  it("of parts of an item", () => {
    const state = fold(...Array.from({ length: MAX_PARTS + 5 }, (_, part) => text("x", 0, part)));
    expect((itemsOf(state)[0] as { content: unknown[] }).content).toHaveLength(MAX_PARTS);
    expect(state.budget.cutNodes).toBe(5);
  });

  it("of structure", () => {
    const item = { type: "file_search_call", results: Array.from({ length: MAX_STREAM_NODES + 5 }, () => 1) };
    const state = fold(done(0, item));
    expect((itemsOf(state)[0] as { results: unknown[] }).results.length).toBeLessThan(MAX_STREAM_NODES);
    expect(state.budget.cutNodes).toBeGreaterThan(0);
  });
});

describe("the first visible event", () => {
  it.each([
    [{ type: "response.created", response: {} }, false],
    [added(0, { type: "message" }), false],
    [added(0, { type: "reasoning" }), false],
    [added(0, { type: "function_call" }), true],
    [added(0, { type: "web_search_call" }), true],
    [{ type: "response.content_part.added", part: { type: "output_text", text: "" } }, false],
    [text(""), false],
    [text("a"), true],
    [{ type: "response.reasoning_summary_text.delta", delta: "a" }, true],
    [{ type: "response.refusal.delta", delta: "a" }, true],
    [{ type: "response.audio.delta", delta: "UklG" }, true],
    [{ type: "response.image_generation_call.partial_image", partial_image_b64: "iVBO" }, true],
  ])("%j: %s", (event, visible) => {
    expect(isVisibleEvent(event)).toBe(visible);
  });
});

describe.skipIf(!hasCorpus)("recorded streams, broken off before their last event", () => {
  const streams = readExchanges().filter(
    ({ endpoint, response_kind: kind, expected }) =>
      kind === "sse" && endpoint.endsWith("/responses") && expected.status === "completed",
  );

  it.each(streams)("$id has every item", (exchange) => {
    const recording = readRecording(exchange);
    const events = String(recording.response)
      .split(/\r?\n/)
      .filter((line) => line.startsWith("data: {"))
      .map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>)
      .filter(({ type }) => type !== "response.completed");
    const output = itemsOf(fold(...events));
    expectItems({ output } as Read, exchange.expected);
  });
});
