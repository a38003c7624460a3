import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { QueryError } from "../src/query/language/ast.ts";
import { FIELDS } from "../src/query/language/fields.ts";
import { parseQuery } from "../src/query/language/parse.ts";

const NOW = Date.UTC(2026, 10, 23, 12);

function errorOf(query: string, target: "traces" | "observations" = "traces"): QueryError {
  try {
    parseQuery(query, target, NOW);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`${query} was understood.`);
}

describe("what is not understood", () => {
  for (const [query, start, end, message, suggestions] of [
    ["levle:error", 0, 5, /no field "levle"/, ["level"]],
    ["a usr:x", 2, 5, /no field "usr"/, ["user"]],
    ["level:eror", 6, 10, /one of DEBUG/, ["ERROR"]],
    ["latency:fast", 8, 12, /not a duration/, []],
    ["cost:>x", 6, 7, /not an amount/, []],
    ["start:yesterday", 6, 15, /not a time/, []],
    ["user:>5", 5, 6, /has no order/, []],
    ["user:", 5, 5, /value is missing/, []],
    ["(a OR b", 0, 1, /not closed/, []],
    ["a)", 1, 2, /no bracket/, []],
    ["()", 0, 2, /nothing in the brackets/, []],
    ['"open', 0, 5, /quote is not closed/, []],
    ["a OR", 4, 4, /missing/, []],
    ["OR a", 0, 2, /missing before OR/, []],
    ["a (AND b)", 3, 6, /missing before AND/, []],
    ["metadata:x", 0, 8, /takes a key/, ["metadata."]],
    ["metadata.a", 0, 10, /colon and a value/, []],
    ["fo*o", 2, 3, /may only end a word/, []],
    ["- x", 0, 1, /no word/, []],
    ["public:maybe", 7, 12, /true or false/, ["true", "false"]],
  ] as const) {
    it(`is told where it stands: ${query}`, () => {
      const error = errorOf(query);
      expect([error.start, error.end, error.suggestions]).toEqual([start, end, suggestions]);
      expect(error.message).toMatch(message);
    });
  }

  it("is a field of the other list", () => {
    expect(errorOf("root:true").message).toMatch(/no field/);
    expect(errorOf("errors:>0", "observations").message).toMatch(/no field/);
  });

  it("is bounded", () => {
    expect(errorOf("a".repeat(4001)).message).toMatch(/at most 4000/);
    expect(errorOf("a ".repeat(101)).message).toMatch(/at most 100 clauses/);
    expect(errorOf(`${"(".repeat(30)}a${")".repeat(30)}`).message).toMatch(/deep/);
  });
});

describe("values", () => {
  const range = (query: string): unknown => {
    const node = parseQuery(query, "traces", NOW);
    return node?.kind === "range" ? [node.min, node.max] : node;
  };
  const at = (value: number, inclusive: boolean): object => ({ value, inclusive });

  for (const [query, expected] of [
    // To the microsecond: what lasted 100 ms is a difference of doubles.
    ["latency:>2", [at(2000.0005, true), null]],
    ["latency:>=2", [at(1999.9995, true), null]],
    ["latency:<2", [null, at(1999.9995, false)]],
    ["latency:<=500ms", [null, at(500.0005, false)]],
    ["duration:1.5m", [at(89_999.9995, true), at(90_000.0005, false)]],
    ["tokens:100..1.5k", [at(100, true), at(1500, true)]],
    ["tokens:2k..", [at(2000, true), null]],
    ["cost:$0.01", [at(0.01, true), at(0.01, true)]],
    ["start:2026-11-23", [at(Date.UTC(2026, 10, 23), true), at(Date.UTC(2026, 10, 24), false)]],
    ["start:>2026-11-23", [at(Date.UTC(2026, 10, 24), true), null]],
    ["start:<=2026-11", [null, at(Date.UTC(2026, 11, 1), false)]],
    ["start:>=-2h", [at(NOW - 7_200_000, true), null]],
    ["start:2026-11-01..2026-11-02", [at(Date.UTC(2026, 10, 1), true), at(Date.UTC(2026, 10, 3), false)]],
    ["start:>2026-11-23T10:00", [at(Date.UTC(2026, 10, 23, 10), false), null]],
    ["start:>2026-11-23T10:00:30.5+02:00", [at(Date.UTC(2026, 10, 23, 8, 0, 30, 500), false), null]],
  ] as const) {
    it(`are read with their units: ${query}`, () => expect(range(query)).toEqual(expected));
  }

  it("may hold colons, and be nothing at all", () => {
    expect(parseQuery("model:ft:gpt-4o:org", "traces")).toMatchObject({ value: "ft:gpt-4o:org" });
    expect(parseQuery("  ", "traces")).toBeNull();
  });

  it("bind AND more closely than OR, and read a minus as NOT", () => {
    expect(parseQuery("a b OR -c", "traces")).toMatchObject({
      kind: "or",
      nodes: [{ kind: "and" }, { kind: "not", node: { kind: "text" } }],
    });
  });
});

it("is documented field by field", () => {
  const page = readFileSync(new URL("../../../docs/query-language.md", import.meta.url), "utf8");
  const cells = (line: string): string =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .join("|");
  const table = new Set(page.split("\n").map(cells));
  for (const { name, aliases, kind, targets, description, values } of FIELDS) {
    const shown = kind === "key" ? `\`${name}.key\`` : `\`${name}\``;
    const others = aliases.map((alias) => `\`${alias}\``).join(", ");
    const on = targets.length === 2 ? "both" : targets[0];
    const what = `${description}${values === undefined ? "" : `: ${values.map((value) => `\`${value.toLowerCase()}\``).join(", ")}`}`;
    expect(table).toContain(cells(`| ${shown} | ${others} | ${on} | ${what} |`));
  }
});
