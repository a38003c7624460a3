import { describe, expect, test } from "vitest";
import { SpanwiseConfigError } from "../../src/index.ts";
import {
  apiKeys,
  bearerTokens,
  cards,
  DEFAULT_KEYS,
  emails,
  keys,
  maskWith,
  phones,
  rule,
  urlPasswords,
  type MaskRule,
} from "../../src/mask/index.ts";

function applied(rules: MaskRule | readonly MaskRule[], input: unknown): unknown {
  const record = maskWith(rules)({ kind: "observation", input });
  if (record instanceof Promise) throw new Error("not expected to take long");
  return record.input;
}

type Row = [text: string, masked: string];
const stays = (text: string): Row => [text, text];

describe("emails", () => {
  test.each<Row>([
    ["write to ann@example.com.", "write to [email]."],
    ["<ann.b+c@mail.example.co.uk>", "<[email]>"],
    ["https://x.io/?to=ann%40example.com&a=1", "https://x.io/?to=[email]&a=1"],
    ["jörg@exämple.de", "[email]"],
    ["a@b.co,c@d.org", "[email],[email]"],
    ["a@b@c.com", "a@[email]"],
    stays("lodash@4.17.21"),
    stays("@user and a@ b.com and me@localhost"),
  ])("%s", (text, masked) => expect(applied(emails(), text)).toBe(masked));
});

describe("cards", () => {
  test.each<Row>([
    ["4111111111111111", "[card]"],
    ["card 4111 1111 1111 1111, exp 12/30", "card [card], exp 12/30"],
    ["5500-0000-0000-0004", "[card]"],
    ["amex 3782 822463 10005.", "amex [card]."],
    ["12 4111 1111 1111 1111 99", "12 [card] 99"],
    ["x4111111111111111y", "x[card]y"],
    ["6304000000000000", "[card]"],
    stays("4111111111111112"),
    stays("0.4111111111111111"),
    stays("1700000000000"),
    stays("94111111111111111"),
    stays("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
  ])("%s", (text, masked) => expect(applied(cards(), text)).toBe(masked));

  test("a number in a field of its own", () => {
    expect(applied(cards(), { number: 4111111111111111, at: 1700000000000 })).toEqual({
      number: "[card]",
      at: 1700000000000,
    });
  });
});

describe("phones", () => {
  test.each<Row>([
    ["call +49 151 2345678 now", "call [phone] now"],
    ["+1 (555) 010-9999", "[phone]"],
    ["tel:+4915123456789", "tel:[phone]"],
    ["(555) 010-9999", "[phone]"],
    ["555-010-9999, 555.010.9999", "[phone], [phone]"],
    ["06 12 34 56 78", "[phone]"],
    ["030 1234567", "[phone]"],
    ["0151/23456789", "[phone]"],
    stays("2026-11-23T10:00:00 and 10:20:30"),
    stays("05/2024, 01/15/2024, 0.123 456"),
    stays("version 1.2.3, 123456789012, +5, 1 + 2"),
    stays("192.168.100.200"),
    stays("0000-00-00 00:00"),
  ])("%s", (text, masked) => expect(applied(phones(), text)).toBe(masked));
});

describe("bearerTokens", () => {
  test.each<Row>([
    ["Authorization: Bearer abc123def456", "Authorization: Bearer [token]"],
    ["bearer eyJhbGciOi.J9.x-_y==", "bearer [token]"],
    ["Basic dXNlcjpwYXNz", "Basic [token]"],
    ["Bearer%20abc123def456", "Bearer%20[token]"],
    stays("bearer instruments and basic understanding"),
    stays("Bearer short1"),
  ])("%s", (text, masked) => expect(applied(bearerTokens(), text)).toBe(masked));
});

// Put together at run time: what scans repositories for keys must not find these.
const abc = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
const jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"].join(".");
const pem = ["-----BEGIN RSA ", `KEY-----\nMIIE${"a/+9".repeat(100)}\n-----END RSA `, "KEY-----"].join("PRIVATE ");

describe("apiKeys", () => {
  test.each<Row>([
    [`sk-proj-${abc}_${abc}`, "[key]"],
    [`key=sk-ant-api03-${abc}.`, "key=[key]."],
    [["AKIA", "ABCDEFGHIJ234567"].join(""), "[key]"],
    [`ghp_${abc} github_pat_${abc}`, "[key] [key]"],
    [`glpat-${abc}`, "[key]"],
    [["xoxb", "123456789012-abcdef"].join("-"), "[key]"],
    [`sk_live_${abc}`, "[key]"],
    [`AIza${abc}`, "[key]"],
    [`hf_${abc} gsk_${abc} npm_${abc} lsv2_pt_${abc}`, "[key] [key] [key] [key]"],
    [`token ${jwt}, then`, "token [key], then"],
    [jwt.replace(/[^.]*$/, ""), "[key]"],
    [`a ${pem} b`, "a [key] b"],
    [pem.replaceAll("\n", "\\n"), "[key]"],
    [`cut ${pem.slice(0, 200)}`, "cut [key]"],
    stays(`${["sk", "learn", "pipelines"].join("-")}, task-1234567890123456789012`),
    stays("eyJust a word, eyJhbGciOiJIUzI1NiJ9 alone"),
    stays("AKIAshort"),
  ])("%s", (text, masked) => expect(applied(apiKeys(), text)).toBe(masked));
});

test.each<Row>([
  ["postgres://app:hunter2@db:5432/x", "postgres://app:[password]@db:5432/x"],
  ["https://:p%40ss@host", "https://:[password]@host"],
  stays("http://localhost:4777/a@b"),
])("urlPasswords: %s", (text, masked) => expect(applied(urlPasswords(), text)).toBe(masked));

describe("keys", () => {
  test.each([
    "password",
    "userPassword",
    "PASSWORD_HASH",
    "apiKey",
    "api_key",
    "X-API-Key",
    "OPENAI_API_KEYS",
    "apikey",
    "Authorization",
    "clientSecret",
    "accessToken",
    "set-cookie",
    "token",
    "_auth",
    "credentials",
  ])("the field %s", (name) => {
    expect(applied(keys(), { [name]: "hunter2", deep: [{ [name]: { a: 1 } }] })).toEqual({
      [name]: "[masked]",
      deep: [{ [name]: "[masked]" }],
    });
  });

  test.each([
    "max_tokens",
    "totalTokens",
    "tokenizer",
    "token_count",
    "compass",
    "secretary",
    "author",
    "pinned",
    "key",
  ])("the field %s stays", (name) => expect(applied(keys(), { [name]: "value" })).toEqual({ [name]: "value" }));

  test("what tells nothing stays", () => {
    const input = { has_password: true, password: null, secret: "" };
    expect(applied(keys(), input)).toEqual(input);
  });

  test.each<Row>([
    ["https://x.io/?api_key=abc&q=1", "https://x.io/?api_key=[masked]&q=1"],
    ["PASSWORD='hunter 2' USER=ann", "PASSWORD='[masked]' USER=ann"],
    ['{"a":1,"password":"hun\\"ter2","b"', '{"a":1,"password":"[masked]","b"'],
    ['cut {"password": "hunter2 and', 'cut {"password": "[masked]'],
    ['"{\\"password\\": \\"hunter2\\"}"', '"{\\"password\\": \\"[masked]\\"}"'],
    ["Authorization: Bearer abc def", "Authorization: [masked] def"],
    ["a:password=x", "a:password=[masked]"],
    stays("password = true, has_password: None"),
    stays("max_tokens=100; the key: value"),
  ])("in a text: %s", (text, masked) => expect(applied(keys(), text)).toBe(masked));

  test("in texts only where it is wanted", () => {
    expect(applied(keys(["password"], { text: false }), "password=x")).toBe("password=x");
  });

  test("names of one's own, beside the usual ones or instead", () => {
    const input = { employeeId: 7, password: "x", badge: "b" };
    expect(applied(keys([...DEFAULT_KEYS, "employee_id"]), input)).toEqual({
      employeeId: "[masked]",
      password: "[masked]",
      badge: "b",
    });
    expect(applied(keys([/^badge$/g], { replacement: "-" }), input)).toEqual({ ...input, badge: "-" });
  });
});

describe("rule", () => {
  test("a pattern in one line, with or without g", () => {
    for (const pattern of [/EMP-\d+/, /EMP-\d+/g, /EMP-\d+/y])
      expect(applied(rule(pattern, "[x]"), "EMP-1 and EMP-22")).toBe("[x] and [x]");
    expect(
      applied(
        rule(/(\w+)@corp/, (_, name) => `${name?.[0]}…`),
        "ann@corp",
      ),
    ).toBe("a…");
    expect(applied(rule(/x*/, "-"), "axxb")).toBe("a-b");
    expect(applied(rule(/^a/, "-"), "aaa")).toBe("---".slice(0, 1) + "aa");
  });

  test.each([
    () => rule("text" as never),
    () => rule(/a/, "b", { maxChars: 0 }),
    () => keys([]),
    () => maskWith(),
    () => maskWith({}),
    () => maskWith(undefined as never),
  ])("a mistake says what to do", (make) => expect(make).toThrow(SpanwiseConfigError));
});
