import { describe, expect, it } from "vitest";
import { cutFields } from "../src/model/truncated.ts";

describe("cutFields", () => {
  it.each([
    [
      ["input", "metadata"],
      ["input", "metadata"],
    ],
    ['["output"]', ["output"]],
    ["modelParameters", ["modelParameters"]],
    [["input.messages[0].content"], ["input"]],
    [["inputs", 3, null], []],
    [undefined, []],
  ])("reads %j", (recorded, fields) => {
    expect([...cutFields({ attributes: { "spanwise.truncated": recorded } })]).toEqual(fields);
  });
});
