import type { Sink } from "@spanwise/testing";
import { expect } from "vitest";

/** What `langchain.mjs` answers: of each request the agent, its tool, what that looked up, and the model. */
export const LANGCHAIN_COMPLETE = {
  started: 8,
  dropped: {},
  pending: 0,
  answers: ["cold", "cold"],
  runs: { open: 0, abandoned: 0 },
};

/** `followsContext`: the runtime has an async context that LangChain can be given, so that code in a tool is the tool's child. */
export function checkLangChain(sink: Sink, { followsContext = true } = {}): void {
  const finished = sink.spans().filter(({ attributes }) => attributes["spanwise.record"] === undefined);
  expect(finished).toHaveLength(8);
  for (const city of ["Oslo", "Rome"]) {
    const agent = finished.find(({ name }) => name === `agent ${city}`)!;
    expect(agent).toMatchObject({ parentSpanId: undefined, attributes: { "session.id": city } });
    const children = finished.filter(({ parentSpanId }) => parentSpanId === agent.spanId);
    expect(children.map(({ name }) => name).toSorted()).toEqual(["Model", "weather"]);
    const [model, weather] = ["Model", "weather"].map((name) => children.find((child) => child.name === name)!);
    expect(model!.attributes).toMatchObject({
      "langfuse.observation.type": "generation",
      "gen_ai.usage.output_tokens": 1,
    });
    expect(weather!.attributes["langfuse.observation.input"]).toBe(`{"city":"${city}"}`);
    const lookUp = finished.find(({ name }) => name === `look up ${city}`)!;
    expect(lookUp.parentSpanId).toBe(followsContext ? weather!.spanId : undefined);
  }
}
