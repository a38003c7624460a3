import { describe, expect, it } from "vitest";
import { runObserved, runRaw } from "./compare.ts";
import { MAJORS } from "./majors.ts";
import { SCENARIOS } from "./scenarios.ts";

describe.each(MAJORS)("openai $version, raw and observed", ({ major, load }) => {
  const scenarios = SCENARIOS.filter(({ majors }) => !majors || majors.includes(major));

  it.each(scenarios)("$name", async (scenario) => {
    const module = await load();
    const raw = await runRaw(scenario, module, major);
    const { recorded, ...observed } = await runObserved(scenario, module, major);

    expect(observed.result).toEqual(raw.result);
    expect(observed.wire).toEqual(raw.wire);
    expect(observed.unhandled).toEqual(raw.unhandled);
    if (scenario.statuses) {
      expect(
        recorded.map(({ ended, status, level }) => (ended ? (status ?? (level === "ERROR" ? "error" : "ok")) : "open")),
      ).toEqual(scenario.statuses);
    }
  });
});
