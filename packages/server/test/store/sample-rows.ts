import type { Score } from "../../src/api/types.ts";
import type { StoredObservation } from "../../src/model/observation.ts";
import { T0, hexId, observation, payload, score } from "./fixtures.ts";

/** Traces 1 to 6: an agent with a tool and a model call each; what they differ in is what the queries ask for. */
export function sampleRows(): { observations: StoredObservation[]; scores: Score[] } {
  const observations = [1, 2, 3, 4, 5, 6].flatMap((n) => {
    const traceId = hexId(n, 32);
    const start = T0 + n * 1000;
    const at = { traceId, startTime: start, isRoot: false, parentId: hexId(n * 10, 16) };
    const root = observation({
      ...at,
      id: hexId(n * 10, 16),
      parentId: null,
      isRoot: true,
      type: "agent",
      name: n % 2 === 0 ? "support chat" : "report",
      endTime: n === 6 ? null : start + n * 500,
      status: n === 6 ? "running" : "ok",
      userId: `u${n % 3}`,
      sessionId: n < 3 ? "s1" : null,
      tags: n < 4 ? ["a", `t${n}`] : null,
      environment: n === 5 ? "dev" : "prod",
      release: n === 1 ? "v1" : null,
      payload: {
        ...payload(JSON.stringify(`Question ${n} about Überweisungen`)),
        metadata: `{"region":"${n < 3 ? "eu" : "us"}","n":${n}}`,
      },
    });
    const tool = observation({
      ...at,
      id: hexId(n * 10 + 1, 16),
      type: "tool",
      name: "search_docs",
      startTime: start + 10,
      endTime: start + 60,
      level: n === 3 ? "ERROR" : "DEFAULT",
      status: n === 3 ? "error" : "ok",
      statusMessage: n === 3 ? "TimeoutError: too slow" : null,
      payload: { ...payload(`{"query":"needle${n} in haystack"}`), output: `["found the rare word zebra${n}"]` },
    });
    const call = observation({
      ...at,
      id: hexId(n * 10 + 2, 16),
      type: "generation",
      name: "answer",
      startTime: start + 100,
      endTime: start + 400,
      completionStartTime: start + 100 + n * 20,
      model: n < 4 ? "gpt-4o" : "claude-3",
      provider: n < 4 ? "openai" : "anthropic",
      usage: { input: 100 * n, output: 10 },
      cost: n === 4 ? null : { total: n / 100 },
      costSource: n === 4 ? null : "provided",
      payload: payload(conversation(n)),
    });
    return [root, tool, call];
  });
  const scores = [
    score({ id: "a", traceId: hexId(1, 32), name: "helpful", value: 0.2 }),
    score({ id: "b", traceId: hexId(2, 32), name: "helpful", value: 0.9 }),
    score({
      id: "c",
      traceId: hexId(3, 32),
      observationId: hexId(32, 16),
      name: "mood",
      dataType: "CATEGORICAL",
      value: null,
      stringValue: "good",
    }),
  ];
  return { observations, scores };
}

/** More than a kilobyte, so that it is kept message by message; long enough at 5 and 6 that messages are grouped. */
function conversation(n: number): string {
  const messages = Array.from({ length: n * 10 }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: `Turn ${index}: ${"lorem ipsum dolor ".repeat(3)}${index === 7 ? "quokka" : ""}`,
  }));
  return JSON.stringify({ model: "m", messages, note: "the closing remark" });
}
