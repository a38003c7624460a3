import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chooseValues,
  chosenValues,
  clauseText,
  excludeValue,
  parseClauses,
  removeClause,
  toggleValue,
} from "../src/query/clauses.ts";

describe("parseClauses", () => {
  it("finds fields, operators, groups, negation and free words where they stand", () => {
    const query = 'refund level:(ERROR OR "very bad") -env:dev cost:>=0.5 scores."my x":>0.8 "two words"';
    expect(
      parseClauses(query).map(({ field, operator, values, isNegated }) => [field, operator, values, isNegated]),
    ).toEqual([
      [null, "", ["refund"], false],
      ["level", "", ["ERROR", "very bad"], false],
      ["env", "", ["dev"], true],
      ["cost", ">=", ["0.5"], false],
      ['scores."my x"', ">", ["0.8"], false],
      [null, "", ["two words"], false],
    ]);
    for (const { start, end } of parseClauses(query)) expect(query.slice(start, end)).not.toMatch(/^\s|\s$/);
  });

  it("takes what is half typed as far as it goes", () => {
    expect(parseClauses('name:"open')[0]).toMatchObject({ field: "name", values: ["open"], end: 10 });
    expect(parseClauses("level:(A OR")[0]).toMatchObject({ field: "level", values: ["A"] });
    expect(parseClauses("name:")[0]).toMatchObject({ field: "name", values: [] });
    expect(parseClauses("-")).toHaveLength(1);
  });

  it("covers every character that is no space, whatever is typed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "b", ":", "(", ")", '"', "\\", "-", ">", "=", " ", ".") }),
        (query) => {
          let at = 0;
          for (const { start, end } of parseClauses(query)) {
            expect(start).toBeGreaterThanOrEqual(at);
            expect(end).toBeGreaterThan(start);
            expect(query.slice(at, start).trim()).toBe("");
            at = end;
          }
          expect(query.slice(at).trim()).toBe("");
        },
      ),
    );
  });
});

describe("facets and the query are one state", () => {
  it("adds, joins and takes away values of a field, and leaves the rest alone", () => {
    let query = "refund cost:>1";
    query = toggleValue(query, "model", "gpt-4o");
    expect(query).toBe("refund cost:>1 model:gpt-4o");
    query = toggleValue(query, "model", "o3 mini");
    expect(query).toBe('refund cost:>1 model:(gpt-4o OR "o3 mini")');
    expect(chosenValues(query, "model")).toEqual(["gpt-4o", "o3 mini"]);
    query = toggleValue(query, "model", "gpt-4o");
    expect(query).toBe('refund cost:>1 model:"o3 mini"');
    expect(toggleValue(query, "model", "o3 mini")).toBe("refund cost:>1");
    expect(excludeValue(query, "model", "x")).toBe(`${query} -model:x`);
  });

  it("makes one clause of several for the same field", () => {
    expect(chooseValues("env:a name:x env:b", "env", ["c"])).toBe("env:c name:x");
  });

  it("gives back any values it was given", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), (values) => {
        expect(chosenValues(`x ${clauseText("name", values)}`, "name")).toEqual(values);
      }),
    );
  });

  it("drops a clause with the space around it", () => {
    const query = "a b:c d";
    expect(removeClause(query, parseClauses(query)[1]!)).toBe("a d");
  });
});
