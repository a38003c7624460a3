import { describe, expect, it } from "vitest";
import { FLAG, idOf } from "../src/trace/model.ts";
import { transcript } from "../src/trace/transcript.ts";
import { model } from "./trace-fixture.ts";

const IO = FLAG.input | FLAG.output;

const trace = model([
  { id: "root", type: "agent", flags: IO },
  { id: "chain", parent: "root", type: "chain", start: 1 },
  { id: "plan", parent: "chain", type: "generation", start: 2 },
  { id: "embed", parent: "chain", type: "embedding", start: 3 },
  { id: "search", parent: "root", type: "tool", start: 4 },
  { id: "sub", parent: "root", type: "agent", start: 5 },
  { id: "sub-turn", parent: "sub", type: "generation", start: 6 },
  { id: "broken", parent: "root", type: "span", start: 7, status: "error" },
  { id: "answer", parent: "root", type: "generation", start: 8 },
]);
const read = (opened: string[] = []) =>
  transcript(trace, new Set(opened)).map(
    ({ kind, index, level }) => `${"  ".repeat(level)}${kind} ${idOf(trace, index)}`,
  );

describe("transcript", () => {
  it("is what was asked, said and done, in order, with sub-agents folded and structure left out", () => {
    expect(read()).toEqual([
      "request root",
      "turn plan",
      "tool search",
      "agent sub",
      "step broken",
      "turn answer",
      "answer root",
    ]);
  });

  it("sets in what an opened agent said", () => {
    expect(read(["sub"]).slice(3, 5)).toEqual(["agent sub", "  turn sub-turn"]);
  });

  it("shows a root that is a model call as one turn", () => {
    const single = model([{ id: "call", type: "generation", flags: IO }]);
    expect(transcript(single, new Set()).map(({ kind }) => kind)).toEqual(["turn"]);
  });
});
