import { expect, test } from "vitest";
import { readTools } from "../src/model/read-tools.ts";

test("tools are named whichever SDK described them, and shown as they were", () => {
  const tools = [
    { type: "function", function: { name: "search", description: "In the orders" } },
    { type: "function", name: "lookup", parameters: {} },
    { name: "refund", description: "Of an order", input_schema: {} },
    { functionDeclarations: [{ name: "weather" }, { name: "time", description: "Of a zone" }] },
    { googleSearch: {} },
    { type: "web_search_preview" },
    "text",
  ];
  expect(readTools(tools).map(({ name, description }) => [name, description])).toEqual([
    ["search", "In the orders"],
    ["lookup", null],
    ["refund", "Of an order"],
    ["weather", null],
    ["time", "Of a zone"],
    ["googleSearch", null],
    ["web_search_preview", null],
    ["tool", null],
  ]);
  expect(readTools(tools)[0]?.value).toBe(tools[0]);
  expect(readTools(null)).toEqual([]);
});
