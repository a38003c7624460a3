import type { StoredObservation } from "../../src/model/observation.ts";
import { T0, hexId, observation } from "./fixtures.ts";

const TRACES = 120;

/** Enough traces that common clauses and rare ones are looked for in different ways: of four observations each, all measures distinct. */
export function manyRows(): StoredObservation[] {
  return Array.from({ length: TRACES }, (_, number) => rowsOf(number)).flat();
}

function rowsOf(number: number): StoredObservation[] {
  const traceId = hexId(number + 1, 32);
  const startTime = T0 + ((number * 37) % TRACES) * 1000;
  const root = hexId(number * 4 + 1, 16);
  const isFailed = number % 50 === 7;
  const shared = {
    traceId,
    traceName: number % 2 === 0 ? "chat" : "research",
    userId: number % 3 === 0 ? "everybody" : `user-${number % 40}`,
    sessionId: `session-${Math.floor(number / 5)}`,
    environment: "production",
    tags: number % 60 === 11 ? ["seldom"] : ["often"],
  };
  const base = { ...observation().payload, traceMetadata: `{"region":"${number % 3 === 0 ? "eu" : "us"}"}` };
  const one = (index: number, change: Partial<StoredObservation>): StoredObservation =>
    observation({
      ...shared,
      id: hexId(number * 4 + index + 1, 16),
      parentId: index === 0 ? null : root,
      isRoot: index === 0,
      startTime: startTime + index * 10,
      endTime: startTime + index * 10 + 100 + ((number * 53) % 700) * (index + 1),
      payload: { ...base, input: `"a common question ${index === 1 ? `quetzal${number}` : ""}"` },
      ...change,
    });
  const usage = { input: (number * 71) % 997, output: number % 13 };
  return [
    one(0, { type: "agent", name: "root" }),
    one(1, {
      type: "generation",
      name: "plan",
      model: number % 2 === 0 ? "gpt-4o" : number === 31 ? "rarest" : "claude",
      usage,
      cost: { total: ((number * 91) % 1009) / 1000 },
      completionStartTime: startTime + 10 + ((number * 17) % 89),
    }),
    one(2, { type: "tool", name: "search", level: isFailed ? "ERROR" : "DEFAULT", status: isFailed ? "error" : "ok" }),
    one(3, { type: "retriever", name: "documents", endTime: number % 90 === 3 ? null : startTime + 50, status: "ok" }),
  ];
}
