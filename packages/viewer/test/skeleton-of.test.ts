import { expect, it } from "vitest";
import { buildTrace } from "../src/trace/build.ts";
import { DETACHED, FLAG, idOf, indexOf, nameOf, ownSum, statusOf } from "../src/trace/model.ts";
import { skeletonOf } from "../src/trace/skeleton-of.ts";
import { observation, trace } from "./fixtures.ts";

it("makes the same model of observations that came as objects", () => {
  const head = { ...trace({ traceId: "t", startTime: 10 }), metadata: null, public: false, version: null };
  const observations = [
    observation({ id: "a", name: "root", type: "agent", startTime: 10, endTime: null, status: "running" }),
    observation({
      id: "b",
      parentId: "a",
      startTime: 12,
      endTime: 15,
      completionStartTime: 13,
      usage: { input: 5, input_cached_tokens: 2, output: 3, total: 10 },
      cost: { total: 0.5 },
      costSource: "provided",
      hasInput: true,
    }),
    observation({ id: "c", parentId: "gone", startTime: 14, statusMessage: "lost" }),
  ];
  const model = buildTrace(skeletonOf({ trace: head, observations, scores: [] }), 20);
  expect([0, 1, 2, 3].map((index) => idOf(model, index))).toEqual(["a", "b", "c", ""]);
  expect([indexOf(model, "b"), indexOf(model, "x"), indexOf(model, "")]).toEqual([1, -1, -1]);
  expect([nameOf(model, 0), statusOf(model, 0)]).toEqual(["root", "running"]);
  expect(ownSum(model, 1)).toEqual({ inputTokens: 7, outputTokens: 3, cost: 0.5, costIncomplete: false });
  expect([model.starts[1], model.durations[1], model.firstTokens[1]]).toEqual([2, 3, 1]);
  expect([...model.flags]).toEqual([0, FLAG.input | FLAG.costProvided, FLAG.message]);
  expect(model.detached[2]).toBe(DETACHED.parentMissing);
});
