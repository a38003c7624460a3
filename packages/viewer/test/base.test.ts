import { expect, test } from "vitest";
import { BASE, baseOf } from "../src/base.ts";

test("the base path is what stands before the folder that the script came from", () => {
  expect(baseOf("https://example.com/assets/index-1.js")).toBe("");
  expect(baseOf("https://example.com/spanwise/assets/index-1.js")).toBe("/spanwise");
  expect(baseOf("https://example.com/tools/assets/spanwise/assets/index-1.js")).toBe("/tools/assets/spanwise");
  // As the development server and the tests have it.
  expect(baseOf("http://localhost:5173/src/base.ts")).toBe("");
  expect(BASE).toBe("");
});
