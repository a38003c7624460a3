import { expectTypeOf, test } from "vitest";
import { propagateAttributes, startObservation, type ObservationAttributes, type ScoreInput } from "../../src/index.ts";

/** An interface has no index signature, a type alias of the same fields has one by itself. */
interface Settings {
  readonly temperature: number;
  stop?: string[];
}
declare const settings: Settings;

test("an interface of the application's is metadata and model parameters as it is", () => {
  expectTypeOf(startObservation).toBeCallableWith("step", { metadata: settings, modelParameters: settings });
  expectTypeOf(propagateAttributes<void>).toBeCallableWith({ metadata: settings }, () => {});
  expectTypeOf({ name: "helpful", value: 1, metadata: settings }).toExtend<ScoreInput>();
});

test("text and numbers are none", () => {
  expectTypeOf<{ metadata: string }>().not.toExtend<ObservationAttributes>();
  expectTypeOf<{ modelParameters: number }>().not.toExtend<ObservationAttributes>();
});

test("keys of one's own attributes can be read and written", () => {
  const attributes: ObservationAttributes = { metadata: { attempt: 1 } };
  expectTypeOf({ ...attributes.metadata, attempt: 2 }).toExtend<NonNullable<ObservationAttributes["metadata"]>>();
  if (attributes.metadata) attributes.metadata["attempt"] = 2;
});
