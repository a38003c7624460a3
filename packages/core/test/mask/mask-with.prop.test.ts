import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  apiKeys,
  bearerTokens,
  cards,
  emails,
  keys,
  maskWith,
  phones,
  rule,
  urlPasswords,
  type MaskRecord,
} from "../../src/mask/index.ts";
import { SLICE_CHARS } from "../../src/mask/scan.ts";

const mask = maskWith(
  keys(),
  apiKeys(),
  bearerTokens(),
  urlPasswords(),
  emails(),
  cards(),
  phones(),
  rule(/EMP-\d{6}/, "[employee]"),
);

const masked = async (input: unknown): Promise<unknown> => (await mask({ kind: "observation", input })).input;

const abc = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6";
const planted = [
  "ann.lee@example.com",
  "4111 1111 1111 1111",
  "378282246310005",
  "+49 151 23456789",
  "(555) 010-9999",
  `sk-proj-${abc}`,
  `ghp_${abc}`,
  ["AKIA", "ABCDEFGHIJ234567"].join(""),
  `Bearer ${abc}`,
  ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjMifQ", abc].join("."),
  "https://ann:hunter2@host",
  "password=hunter2",
  "EMP-123456",
];
const secrets = fc.constantFrom(...planted);
/** What of a secret must not be there any more. */
const kernelOf = (secret: string): string =>
  secret.replace(/^(Bearer |https:\/\/ann:|password=)/, "").replace(/@host$/, "");

/** Text whose ends do not run into the secret: a digit beside a card's makes another number of it. */
const surroundings = fc
  .string({
    unit: fc.constantFrom(...Array.from("abc XYZ.,:;{}[]()\"'\\\n@-_=+/%&?!<>0123456789é漢😀")),
    maxLength: 200,
  })
  .map((text) => `${text} `);

describe("a planted secret", () => {
  test("is gone from any text", () =>
    fc.assert(
      fc.asyncProperty(surroundings, secrets, surroundings, async (before, secret, after) => {
        expect(await masked(`${before}${secret} ${after}`)).not.toContain(kernelOf(secret));
      }),
      { numRuns: 1500 },
    ));

  test("is gone at any offset from the border of two slices", async () => {
    // The first bytes are masked at once; with 3 slices the rest is masked in steps.
    const size = 3 * SLICE_CHARS;
    for (const secret of planted) {
      for (let shift = -secret.length - 1; shift <= 1; shift += 3) {
        const at = SLICE_CHARS + shift;
        const text = `${" word".repeat(size).slice(0, at - 1)} ${secret} ${" word".repeat(size).slice(0, size - at)}`;
        const result = (await masked(text)) as string;
        expect(result.includes(kernelOf(secret)), `${secret} at ${shift}`).toBe(false);
        expect(result.length).toBeGreaterThan(size - secret.length);
      }
    }
  }, 60_000);

  test("is gone from keys, tags, names, and JSON inside of texts", () =>
    fc.assert(
      fc.asyncProperty(secrets, fc.integer({ min: 0, max: 3 }), async (secret, levels) => {
        let input: unknown = { list: [{ note: `see ${secret} there` }], [` ${secret} `]: 1 };
        for (let i = 0; i < levels; i++) input = { args: JSON.stringify(input, null, i) };
        const record: MaskRecord = {
          kind: "observation",
          id: "0123456789abcdef",
          traceId: "0123456789abcdef0123456789abcdef",
          type: "span",
          name: `for ${secret} `,
          input,
          metadata: { deep: { [secret]: [secret] } },
          statusMessage: secret,
          userId: secret,
          sessionId: secret,
          tags: ["a", secret],
          traceName: secret,
          traceMetadata: { a: secret },
          comment: secret,
          value: secret,
          promptName: secret,
          modelParameters: { stop: [secret] },
        };
        const before = structuredClone(record);
        const result = await mask(record);
        expect(JSON.stringify(result)).not.toContain(kernelOf(secret));
        expect(record).toEqual(before);
        expect(result).toMatchObject({ id: record.id, traceId: record.traceId, type: "span", kind: "observation" });
      }),
    ));
});

test("a mask gives the same when it is applied again", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(surroundings, secrets, fc.constantFrom("[key]", "[email]", '"', "@", ":", " ", "=", "\\")), {
        maxLength: 8,
      }),
      fc.json(),
      async (parts, json) => {
        const once = await masked([parts.join(""), json, { [parts.join("")]: parts }]);
        expect(await masked(once)).toEqual(once);
      },
    ),
    { numRuns: 1500 },
  ));

test("what holds nothing stays as it is, JSON in its own form too", () =>
  fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const given = [value, JSON.stringify(value, null, 2), ` ${JSON.stringify(value)}`];
      const result = await maskWith(rule(/no such text/))({ kind: "observation", input: given });
      // JSON has no -0.
      expect(JSON.stringify(result.input)).toBe(JSON.stringify(given));
    }),
  ));

test("a long text gives what it would give in one piece", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(surroundings, secrets), { minLength: 1, maxLength: 20 }), async (parts) => {
      const part = parts.join(" ").replaceAll(/[[{]/g, " ");
      const pattern = /EMP-\d{6}|[a-z]+@[a-z.]+|漢+/g;
      const text = `${part} `.repeat(Math.ceil((2.5 * SLICE_CHARS) / (part.length + 1)));
      const { input } = await maskWith(rule(pattern, "·"))({ kind: "observation", input: text });
      expect(input === text.replaceAll(pattern, "·")).toBe(true);
    }),
    { numRuns: 30 },
  ));

test("a match longer than a slice is taken whole once it has begun", async () => {
  const text = `${"x ".repeat(40_000)}${"y".repeat(200_000)} ${"x ".repeat(40_000)}`;
  const { input } = await maskWith(rule(/y+/, "[long]"))({ kind: "observation", input: text });
  expect(input === text.replace(/y+/, "[long]")).toBe(true);
});

test("two keys that become the same are both kept", async () => {
  expect(await masked({ "a@b.co": 1, "c@d.co": 2, "[email]": 3 })).toEqual({
    "[email]": 1,
    "[email] 2": 2,
    "[email] 3": 3,
  });
});

test("JSON deeper than a walk goes is replaced, not thrown at", async () => {
  const deep = `${"[".repeat(5000)}"ann@example.com"${"]".repeat(5000)}`;
  expect(JSON.stringify(await masked({ deep }))).not.toContain("ann@");
});

test("a long record lets the event loop turn", async () => {
  let turns = 0;
  const input = Array.from(
    { length: 40 },
    (_, i) => `${i} ${"The fox jumps over the dog. ".repeat(3600)} ann@example.com`,
  );
  const result = mask({ kind: "observation", input });
  expect(result).toBeInstanceOf(Promise);
  const ticking = setInterval(() => turns++, 0);
  await result;
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(2);
  expect(JSON.stringify(await result)).not.toContain("ann@");
});

describe("a record of many small values", () => {
  const rows = Array.from({ length: 6000 }, (_, id) => ({ id, ok: true, password: "hunter2" }));
  const hidden = rows.map(({ id, ok }) => ({ id, ok, password: expect.stringContaining("masked") as string }));
  const onlyKeys = maskWith(keys());

  test.each<[form: string, input: unknown, read: (value: unknown) => unknown]>([
    ["as values", rows, (value) => value],
    ["as JSON in a text", JSON.stringify(rows), (value) => JSON.parse(value as string) as unknown],
  ])("is masked in slices, all of it: %s", async (_form, input, read) => {
    // Each look at the clock finds the slice's time over, so that a turn of the event loop stands for a step of the work.
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 1000));
    const result = onlyKeys({ kind: "observation", input });
    expect(result).toBeInstanceOf(Promise);
    expect(read((await result).input)).toEqual(hidden);
    expect(now / 1000).toBeGreaterThan(100);
    clock.mockRestore();
  });
});
