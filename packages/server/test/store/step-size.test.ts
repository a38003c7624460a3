import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { STEP_MS, StepSize, takeWhileTime } from "../../src/store/sqlite/write/step-size.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

it("does less in a step where the steps before it took long, down to a least, and more again later", () => {
  const step = new StepSize({ least: 8, first: 100, most: 2000 });
  const sizes: number[] = [];
  const take = (msEach: number): void =>
    step.take((size) => {
      sizes.push(size);
      pass(size * msEach);
    });
  take(STEP_MS / 10);
  take(STEP_MS / 10);
  take(100 * STEP_MS);
  take(STEP_MS / 1000);
  for (let count = 0; count < 12; count += 1) take(STEP_MS / 1000);
  expect(sizes).toEqual([100, 10, 10, 8, 16, 32, 64, 128, 256, 512, 1000, 1000, 1000, 1000, 1000, 1000]);
});

it("never does more than the most, however little there was to do", () => {
  const step = new StepSize({ least: 1, first: 3, most: 10 });
  for (let count = 0; count < 5; count += 1) step.take(() => undefined);
  expect(step.size).toBe(10);
});

it("goes through a list until the time is over, and takes one at least", () => {
  const taken: number[] = [];
  const work = (ms: number): void => {
    taken.push(ms);
    pass(ms);
  };
  expect(takeWhileTime([STEP_MS * 10, 1], work)).toBe(1);
  expect(takeWhileTime([STEP_MS / 2, STEP_MS / 2, 1], work)).toBe(2);
  expect(takeWhileTime([1, 2], work)).toBe(2);
  expect(takeWhileTime([], work)).toBe(0);
  expect(taken).toEqual([STEP_MS * 10, STEP_MS / 2, STEP_MS / 2, 1, 2]);
});
