import { afterAll, beforeAll, expect, test } from "vitest";
import { nothingIsForgotten, nothingIsLost } from "./support/mixed-faults-properties.ts";
import { Backends } from "./support/mixed-faults.ts";

/** Few, for each run of the tests; many are in `mixed-faults-long.prop.test.ts`. */
const ROUNDS = 6;

let backends: Backends;
beforeAll(async () => {
  backends = await Backends.create();
});
afterAll(() => backends.close());

test("whatever backends do, and are replaced by, each observation is in one column", async () => {
  expect(await nothingIsForgotten(backends, ROUNDS)).toBe(ROUNDS);
});

test("faults that end lose nothing, at any of the backends that were configured", async () => {
  expect(await nothingIsLost(backends, ROUNDS)).toBe(ROUNDS);
});
