import { expect, it } from "vitest";
import type { ObservationDetail } from "../src/index.ts";
import { exportOf, span } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

const WEATHER = { type: "function", function: { name: "weather", parameters: { type: "object" } } };
const TIME = { name: "time", description: "What time it is" };

/** As the SDKs of each convention send them: the attributes, and the definitions in them. */
const SENT: Record<string, [attributes: Record<string, unknown>, expected: unknown]> = {
  "GenAI, as JSON": [{ "gen_ai.tool.definitions": JSON.stringify([WEATHER, TIME]) }, [WEATHER, TIME]],
  "GenAI, structured": [{ "gen_ai.tool.definitions": [WEATHER, TIME] }, [WEATHER, TIME]],
  "AI SDK": [{ "ai.prompt.tools": [JSON.stringify(WEATHER), JSON.stringify(TIME)] }, [WEATHER, TIME]],
  OpenInference: [
    {
      "llm.tools.10.tool.json_schema": JSON.stringify(TIME),
      "llm.tools.2.tool.json_schema": JSON.stringify(WEATHER),
    },
    [WEATHER, TIME],
  ],
  Traceloop: [
    {
      "llm.request.functions.0.name": "time",
      "llm.request.functions.0.description": "What time it is",
      "llm.request.functions.0.parameters": '{"type":"object"}',
    },
    [{ ...TIME, parameters: { type: "object" } }],
  ],
  Langfuse: [{ "langfuse.observation.input": JSON.stringify({ messages: [], tools: [WEATHER] }) }, [WEATHER]],
  "OpenInference, the request itself": [
    { "input.value": JSON.stringify({ messages: [], tools: [TIME] }), "input.mime_type": "application/json" },
    [TIME],
  ],
  "OpenInference, among the parameters": [
    { "llm.invocation_parameters": JSON.stringify({ temperature: 1, tools: [TIME] }) },
    [TIME],
  ],
  "none at all": [{ "langfuse.observation.input": '"no tools"' }, null],
  "what is none": [{ "gen_ai.tool.definitions": "weather", "ai.prompt.tools": 5 }, null],
  "an empty list": [{ "langfuse.observation.input": '{"tools":[]}' }, null],
};

it("tells the tools of a model call, whoever describes them", () =>
  withServer({}, async (server) => {
    const spans = Object.values(SENT).map(([attributes], index) =>
      span(index + 1, { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m", ...attributes }),
    );
    spans.push(span(99, { "gen_ai.tool.definitions": [WEATHER] }));
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    await fetch(`${server.url}/v1/traces`, { ...init, body: JSON.stringify(exportOf(spans)) });
    const read = async (id: string): Promise<ObservationDetail> => {
      const answer = await fetch(`${server.url}/api/traces/${span(1).traceId}/observations/${id}`);
      return (await answer.json()) as ObservationDetail;
    };
    for (const [index, [name, [, expected]]] of Object.entries(SENT).entries()) {
      expect((await read(span(index + 1).spanId)).toolDefinitions, name).toEqual(expected);
    }
    expect((await read(span(99).spanId)).toolDefinitions, "no model call").toBeNull();
  }));
