import { chunk, completion, json, sse, textChunks, USAGE, type Reply } from "../support/model-server.ts";

export const messages = [{ role: "user" as const, content: "hello" }];
export const body = { model: "gpt-4o", messages };
export const streamBody = { ...body, stream: true as const };

export const STREAM = sse(textChunks("a", "b", "c"), { usage: USAGE });
export const SLOW = sse(textChunks("a", "b", "c", "d", "e"), { usage: USAGE, delayMs: 15 });
export const unauthorized = json({ error: { message: "no key", type: "auth", code: "bad_key", param: null } }, 401);
export const never: Reply = () => undefined;

export function sequence(...replies: Reply[]): Reply {
  return (request, response, n) => replies[Math.min(n, replies.length) - 1]!(request, response, n);
}

/** Events as the Responses API streams them: named by their type, no `[DONE]`. */
export function events(list: readonly object[], delayMs = 0): Reply {
  return async (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_s" });
    for (const event of list) {
      if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (response.destroyed) return;
      response.write(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  };
}

export const tools = [
  {
    type: "function" as const,
    function: {
      name: "add",
      description: "adds",
      parameters: { type: "object", properties: {} },
      parse: JSON.parse,
      function: ({ a, b }: { a: number; b: number }) => String(a + b),
    },
  },
];
export const TOOL_CALL = { id: "call_1", type: "function", function: { name: "add", arguments: '{"a":1,"b":2}' } };
export const TOOL_TURN = completion(null, {}, { tool_calls: [TOOL_CALL] });
export const TOOL_STREAM = [
  chunk({ role: "assistant", content: null }),
  chunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "add", arguments: "" } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":1,' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '"b":2}' } }] }),
  chunk({}, "tool_calls"),
];
export const schema = {
  type: "json_schema" as const,
  json_schema: { name: "n", strict: true, schema: { type: "object", properties: { n: { type: "number" } } } },
};
