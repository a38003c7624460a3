import { afterAll, describe, expect, it } from "vitest";
import { runObserved, runRaw, withoutUsageWish } from "./compare.ts";
import { MAJORS } from "./majors.ts";
import { checkPage, noteResult } from "./page.ts";
import { ROWS, type Row } from "./rows.ts";
import { SCENARIOS } from "./scenarios.ts";

describe.each(MAJORS)("openai $version, raw and observed", ({ major, load }) => {
  const scenarios = SCENARIOS.filter(({ majors }) => !majors || majors.includes(major));

  it.each(scenarios)("$name", async (scenario) => {
    const module = await load();
    const raw = await runRaw(scenario, module, major);
    const { recorded, check, ...observed } = await runObserved(scenario, module, major);
    const sent = scenario.resends ? observed.wire.slice(-raw.wire.length) : observed.wire;

    expect(observed.result).toEqual(raw.result);
    expect(withoutUsageWish(sent, raw.wire)).toEqual(raw.wire);
    expect(raw.unhandled).toHaveLength(scenario.unhandled ?? 0);
    expect(observed.unhandled).toEqual(raw.unhandled);
    if (scenario.statuses) expect(recorded.map(({ status }) => status)).toEqual(scenario.statuses);
    check();
    noteResult(scenario, major);
  });
});

describe("the list of scenarios", () => {
  it("stands for every row of the references", () => {
    const covered = new Set<Row>(SCENARIOS.flatMap(({ rows = [] }) => rows));
    expect((Object.keys(ROWS) as Row[]).filter((row) => !covered.has(row))).toEqual([]);
  });

  it("has names that tell the scenarios apart", () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("leaves a major out only with a reason", () => {
    expect(SCENARIOS.filter(({ majors, why }) => majors && !why).map(({ name }) => name)).toEqual([]);
  });
});

afterAll(checkPage);
