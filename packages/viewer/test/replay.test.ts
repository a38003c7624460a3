import { expect, test } from "vitest";
import type { SessionTrace } from "../src/api/types.ts";
import { replay } from "../src/model/replay.ts";

function trace(input: unknown, output: unknown, startTime = 0, endTime: number | null = startTime + 10): SessionTrace {
  return {
    traceId: `t${startTime}`,
    projectId: "default",
    name: "chat",
    userId: null,
    sessionId: "s",
    tags: [],
    tagCount: 0,
    environment: "default",
    release: null,
    startTime,
    endTime,
    durationMs: endTime === null ? null : endTime - startTime,
    status: "ok",
    observationCount: 1,
    errorCount: 0,
    models: [],
    modelCount: 0,
    scores: [],
    scoreCount: 0,
    inputPreview: null,
    outputPreview: null,
    totalTokens: null,
    inputTokens: null,
    outputTokens: null,
    cost: null,
    costIncomplete: false,
    rootId: "r",
    input,
    output,
  };
}

const said = (turns: ReturnType<typeof replay>) =>
  turns.map(({ asked, answered }) =>
    [asked, answered].map((messages) =>
      messages === null
        ? null
        : messages.map(({ role, parts }) => [role, ...parts.map((part) => ("text" in part ? part.text : part.kind))]),
    ),
  );

test("what is there in part is shown as it is, and is no message", () => {
  const head = '[{"role":"user","content":"a long';
  const [turn] = replay([{ ...trace(head, [{ role: "assistant", content: "yes" }]), truncated: ["input"] }]);
  expect([turn?.asked, turn?.input]).toEqual([null, head]);
  expect(turn?.answered).toHaveLength(1);
  // A number, cut, begins like another one.
  const [other] = replay([{ ...trace("an input", '{"a":1}'), truncated: ["output"] }]);
  expect([other?.answered, other?.output]).toEqual([null, '{"a":1}']);
});

test("each turn shows what is new in it, not the history that was sent along", () => {
  const history = [
    { role: "system", content: "Be kind." },
    { role: "user", content: "One?" },
  ];
  const later = [...history, { role: "assistant", content: "1" }, { role: "user", content: "Two?" }];
  const turns = replay([
    trace({ messages: history }, { role: "assistant", content: "1" }),
    trace({ messages: later }, { role: "assistant", content: "2" }, 100),
  ]);
  expect(said(turns)).toEqual([
    [[["user", "One?"]], [["assistant", "1"]]],
    [[["user", "Two?"]], [["assistant", "2"]]],
  ]);
});

test("an agent that gives the whole conversation back has answered with its last words", () => {
  const all = [
    { role: "user", content: "Why?" },
    { role: "assistant", content: "Let me look." },
    { role: "assistant", content: "Because." },
  ];
  expect(said(replay([trace({ messages: all.slice(0, 1) }, { messages: all })]))[0]?.[1]).toEqual([
    ["assistant", "Because."],
  ]);
});

test("a plain text and a single field are words too", () => {
  expect(said(replay([trace({ question: "Why?" }, "Because.")]))).toEqual([
    [[["user", "Why?"]], [["assistant", "Because."]]],
  ]);
});

test("what is no conversation is kept as a value", () => {
  const [turn] = replay([trace({ a: 1, b: 2 }, [1, 2])]);
  expect(turn).toMatchObject({ asked: null, answered: null, input: { a: 1, b: 2 }, output: [1, 2] });
});

test("pauses count from the latest end", () => {
  const turns = replay([
    trace("a", "b", 0, 500),
    trace("a", "b", 100, 200),
    trace("a", "b", 700, null),
    trace("a", "b", 900),
  ]);
  expect(turns.map(({ pauseMs }) => pauseMs)).toEqual([null, 0, 200, 200]);
});
