import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accumulateChat,
  emptyChat,
  isVisibleChunk,
  MAX_CHOICES,
  MAX_LOGPROB_TOKENS,
  MAX_PARTS,
  type ChatState,
} from "../src/accumulate-chat.ts";
import { MAX_STREAM_CHARS } from "../src/stream-budget.ts";
import { describeChatStream } from "../src/surfaces/chat.ts";
import { chunk } from "./support/model-server.ts";

const fold = (chunks: readonly unknown[]): ChatState => chunks.reduce(accumulateChat, emptyChat());
const outputOf = (...deltas: object[]): unknown => describeChatStream(fold(deltas.map((delta) => chunk(delta)))).output;
const call = (delta: object): object => ({ tool_calls: [delta] });

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    for (const inner of Object.values(Object.freeze(value))) deepFreeze(inner);
  return value;
}

describe("accumulateChat", () => {
  it("puts any cutting of texts and arguments together to the same message, of chunks it does not touch", () => {
    const pieces = (text: string): fc.Arbitrary<string[]> =>
      fc.array(fc.nat(text.length), { maxLength: 8 }).map((cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        return at.slice(1).map((end, i) => text.slice(at[i], end));
      });
    const content = "héllo wörld, this is text 👋🏽";
    const args = '{"city":"Köln","n":[1,2,3]}';
    const reasoning = "because of that";
    fc.assert(
      fc.property(
        pieces(content),
        pieces(args),
        pieces(args),
        pieces(reasoning),
        fc.infiniteStream(fc.nat(3)),
        (c, a, b, r, picks) => {
          const queues = [
            c.map((text) => ({ content: text })),
            a.map((text, i) =>
              call({
                index: 0,
                ...(i === 0 && { id: "A", type: "function" }),
                function: { ...(i === 0 && { name: "f" }), arguments: text },
              }),
            ),
            b.map((text, i) =>
              call({
                index: 1,
                ...(i === 0 && { id: "B", type: "function" }),
                function: { ...(i === 0 && { name: "g" }), arguments: text },
              }),
            ),
            r.map((text) => ({ reasoning_content: text })),
          ];
          // Call A opens first, as its index says; beyond that the order is any.
          const deltas = [queues[1]!.shift()!, queues[2]!.shift()!];
          while (queues.some((queue) => queue.length > 0)) {
            const delta = queues[picks.next().value as number]!.shift();
            if (delta) deltas.push(delta);
          }
          expect(describeChatStream(fold(deepFreeze(deltas.map((delta) => chunk(delta))))).output).toEqual({
            role: "assistant",
            content,
            reasoning_content: reasoning,
            tool_calls: [
              { id: "A", type: "function", function: { name: "f", arguments: args } },
              { id: "B", type: "function", function: { name: "g", arguments: args } },
            ],
          });
        },
      ),
    );
  });

  it("tells calls by id where the index does not", () => {
    const f = (name: string, id: string): object => ({ id, function: { name, arguments: "{}" } });
    const names = (output: unknown): unknown =>
      (output as { tool_calls: { id: string }[] }).tool_calls.map(({ id }) => id);
    expect(names(outputOf(call({ index: 0, ...f("a", "1") }), call({ index: 0, ...f("b", "2") })))).toEqual(["1", "2"]);
    expect(names(outputOf(call(f("a", "1")), call(f("b", "2")), call({ function: { arguments: "" } })))).toEqual([
      "1",
      "2",
    ]);
  });

  it("takes a name and id that are repeated in every delta once", () => {
    const delta = (text: string): object =>
      call({ index: 0, id: "1", type: "function", function: { name: "f", arguments: text } });
    expect(outputOf(delta("{"), delta("}"))).toMatchObject({
      tool_calls: [{ id: "1", function: { name: "f", arguments: "{}" } }],
    });
  });

  it("keeps custom tool calls, legacy function calls, refusals, annotations, audio transcripts and Mistral's parts", () => {
    expect(
      outputOf(
        call({ index: 0, id: "1", type: "custom", custom: { name: "sql", input: "sel" } }),
        call({ index: 0, custom: { input: "ect" } }),
      ),
    ).toMatchObject({ tool_calls: [{ id: "1", type: "custom", custom: { name: "sql", input: "select" } }] });
    expect(
      outputOf({ function_call: { name: "f", arguments: "{" } }, { function_call: { arguments: "}" } }),
    ).toMatchObject({
      function_call: { name: "f", arguments: "{}" },
    });
    expect(outputOf({ refusal: "no" }, { refusal: "pe" })).toMatchObject({ refusal: "nope", content: null });
    expect(outputOf({ annotations: [{ type: "url_citation" }] })).toMatchObject({
      annotations: [{ type: "url_citation" }],
    });
    expect(
      outputOf(
        { audio: { id: "a", data: "QUJD" } },
        { audio: { transcript: "h" } },
        { audio: { transcript: "i", expires_at: 1 } },
      ),
    ).toEqual({
      role: "assistant",
      content: null,
      audio: { id: "a", transcript: "hi", expires_at: 1 },
    });
    expect(
      outputOf(
        { content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }] },
        { content: [{ type: "text", text: "ok" }] },
      ),
    ).toMatchObject({
      content: "ok",
      reasoning_content: "hm",
    });
  });

  it("is bounded: text, choices, tool calls", () => {
    const long = "x".repeat(1_000_000);
    const state = fold(Array.from({ length: 6 }, () => chunk({ content: long })));
    const { output, metadata } = describeChatStream(state);
    expect((output as { content: string }).content).toHaveLength(MAX_STREAM_CHARS);
    expect(metadata["cutChars"]).toBe(6_000_000 - MAX_STREAM_CHARS);
    expect(
      fold(Array.from({ length: MAX_CHOICES + 9 }, (_, index) => chunk({ content: "" }, null, index))).choices.size,
    ).toBe(MAX_CHOICES);
    const calls = fold(Array.from({ length: MAX_PARTS + 9 }, (_, index) => chunk(call({ index, id: `${index}` }))));
    expect(calls.choices.get(0)!.toolCalls).toHaveLength(MAX_PARTS);
    expect(describeChatStream(calls).metadata["cutNodes"]).toBe(9);
  });

  it("keeps log probabilities, bounded, as they were sent", () => {
    const token = { token: "a", logprob: -0.5, bytes: [97], top_logprobs: [{ token: "b", logprob: -1 }] };
    const withTokens = (tokens: object[]): object => ({
      id: "c",
      choices: [
        { index: 0, delta: { content: "a" }, finish_reason: null, logprobs: { content: tokens, refusal: null } },
      ],
    });
    const mine = structuredClone(token);
    const few = fold([withTokens([mine]), withTokens([token])]);
    mine.token = "changed";
    expect(describeChatStream(few).output).toMatchObject({ content: "aa", logprobs: { content: [token, token] } });
    const many = fold(Array.from({ length: MAX_LOGPROB_TOKENS + 3 }, () => withTokens([token])));
    const { output, metadata } = describeChatStream(many);
    expect((output as { logprobs: { content: unknown[] } }).logprobs.content).toHaveLength(MAX_LOGPROB_TOKENS);
    expect(metadata["cutNodes"]).toBe(3);
  });

  it("keeps usage as it was sent", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const state = fold([chunk({ content: "a" }), { choices: [], usage }]);
    usage.total_tokens = 99;
    expect(describeChatStream(state).usageDetails).toEqual({ input: 1, output: 2, total: 3 });
  });

  it("costs as much for each chunk of a long stream as of a short one", () => {
    const cost = (length: number): number => {
      const started = performance.now();
      const state = fold(Array.from({ length }, () => chunk({ content: "word " })));
      expect((describeChatStream(state).output as { content: string }).content).toHaveLength(length * 5);
      return performance.now() - started;
    };
    const least = (length: number): number => Math.min(...Array.from({ length: 3 }, () => cost(length)));
    // 16 times the chunks: a quadratic fold would cost 256 times as much.
    expect(least(160_000) / least(10_000)).toBeLessThan(100);
  });

  it("takes anything", () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), fc.jsonValue(), (chunks, delta) => {
        fold([...chunks, chunk(delta as object), { choices: chunks }]);
        chunks.map(isVisibleChunk);
      }),
    );
  });
});

describe("tool calls of servers that number them oddly", () => {
  const f = (index: number | undefined, id: string, body: object): object =>
    call({ ...(index !== undefined && { index }), id, type: "function", function: body });

  it("an id made up for each delta does not make a call of each", () => {
    const deltas = [
      f(0, "t1", { name: "f", arguments: "" }),
      f(0, "t2", { arguments: '{"a":' }),
      f(0, "t3", { arguments: "1}" }),
    ];
    expect(outputOf(...deltas)).toMatchObject({
      tool_calls: [{ id: "t1", function: { name: "f", arguments: '{"a":1}' } }],
    });
    expect((outputOf(...deltas) as { tool_calls: unknown[] }).tool_calls).toHaveLength(1);
  });

  it.each([0, undefined])("a new id with a name is a new call, all at index %s", (index) => {
    const deltas = [f(index, "t1", { name: "f", arguments: "1" }), f(index, "t2", { name: "f", arguments: "2" })];
    expect(outputOf(...deltas)).toMatchObject({
      tool_calls: [
        { id: "t1", function: { arguments: "1" } },
        { id: "t2", function: { arguments: "2" } },
      ],
    });
  });
});

describe("isVisibleChunk", () => {
  it.each([
    [{ role: "assistant" }, false],
    [{ role: "assistant", content: "" }, false],
    [{ content: null, refusal: null, tool_calls: [] }, false],
    [{}, false],
    [{ content: "a" }, true],
    [{ reasoning_content: "a" }, true],
    [{ reasoning: "a" }, true],
    [{ refusal: "a" }, true],
    [{ tool_calls: [{ index: 0 }] }, true],
    [{ function_call: {} }, true],
    [{ audio: { id: "a" } }, true],
  ])("%j: %s", (delta, visible) => {
    expect(isVisibleChunk(chunk(delta))).toBe(visible);
  });
});
