import fc from "fast-check";
import { expect, it } from "vitest";
import { splitJson } from "../src/search/chunks.ts";
import { searchText, tokenize } from "../src/search/text.ts";

const spaces = fc.constantFrom("", " ", "\n  ");
const long = "x".repeat(40);

it("cuts any JSON into pieces that are the text again, to the letter", () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 5 }),
      fc.array(fc.json({ maxDepth: 3 }), { maxLength: 20 }),
      spaces,
      (json, messages, space) => {
        const list = messages.map((content) => `{"role":"user","content":${content},"pad":"${long}"}`);
        for (const text of [
          json,
          `[${list.join(`,${space}`)}]`,
          `{"a":${json},"messages":${space}[${list.join(",")}],"b":${json}}`,
          `[[${list.join(",")}]]`,
        ]) {
          // Padded, so that it is long enough to be cut.
          const padded = text + " ".repeat(1100);
          expect(
            splitJson(padded)
              .map((part) => part.text)
              .join(""),
          ).toBe(padded);
        }
      },
    ),
  );
});

it("gives up on text that is no JSON, and keeps it whole", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom(...'[]{}",:\\ a1'.split("")) }),
      (noise) => {
        const text = noise.padEnd(1100, noise);
        expect(
          splitJson(text)
            .map((part) => part.text)
            .join(""),
        ).toBe(text);
        expect(() => searchText(text)).not.toThrow();
      },
    ),
  );
});

it("keeps each message of a conversation apart", () => {
  const messages = Array.from({ length: 30 }, (_, index) => ({ role: "user", content: `message ${index} ${long}` }));
  const parts = splitJson(JSON.stringify({ model: "m", messages }));
  expect(parts.filter((part) => part.isChunk).map((part) => JSON.parse(part.text) as unknown)).toEqual(messages);
});

it("finds the words of values and not those of keys, through two levels of escapes", () => {
  const json = JSON.stringify({
    key: "value",
    n: 12.5,
    list: ["Ünïcode", { deep: "line\nbreak" }],
    call: JSON.stringify({ city: "Paris\nFrance" }),
  });
  expect(tokenize(searchText(json))).toEqual([
    "value",
    "12",
    "5",
    "unicode",
    "line",
    "break",
    "city",
    "paris",
    "france",
  ]);
});
