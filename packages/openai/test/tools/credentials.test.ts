import { describe, expect, it } from "vitest";
import { chatCompletions } from "../../src/surfaces/chat.ts";
import { responses } from "../../src/surfaces/responses.ts";

const policy = { type: "allowlist", allowed_domains: ["a.test"] };
const withSecrets = { ...policy, domain_secrets: [{ domain: "a.test", name: "KEY", value: "secret-4" }] };
const mcp = {
  type: "mcp",
  server_label: "docs",
  server_url: "https://user:secret-0@mcp.test/sse?api_key=secret-1#secret-1",
  headers: { Authorization: "Bearer secret-2" },
  authorization: "secret-3",
  require_approval: "never",
};
const hosted = [
  mcp,
  { type: "code_interpreter", container: { type: "auto", network_policy: withSecrets } },
  { type: "shell", environment: { type: "container_auto", network_policy: withSecrets } },
];
const shown = [
  { type: "mcp", server_label: "docs", server_url: "https://mcp.test/sse", require_approval: "never" },
  { type: "code_interpreter", container: { type: "auto", network_policy: policy } },
  { type: "shell", environment: { type: "container_auto", network_policy: policy } },
];
const own = {
  type: "function",
  name: "call",
  parameters: { type: "object", properties: { headers: { type: "object" }, authorization: { type: "string" } } },
};

describe("what hosted tools sign in with is not recorded", () => {
  const tools = [...hosted, own, { type: "code_interpreter", container: "cntr_1" }];
  const before = JSON.stringify(tools);

  it("in the tools of a response, whose own object stays as it is", () => {
    const { input } = responses.describeRequest({ model: "m", input: "hi", tools }, true);
    expect(input).toEqual({ input: "hi", tools: [...shown, own, { type: "code_interpreter", container: "cntr_1" }] });
    expect(JSON.stringify(tools)).toBe(before);
  });

  it("in the items of a conversation that bring tools", () => {
    const items = [
      { role: "user", content: "hi" },
      { type: "tool_search_output", tools },
    ];
    const { input } = responses.describeRequest({ model: "m", input: items }, true);
    expect(JSON.stringify(input)).not.toContain("secret");
    expect(input).toMatchObject([{ role: "user" }, { type: "tool_search_output", tools: [shown[0], {}, {}, own, {}] }]);
  });

  it("in the tools of a chat completion", () => {
    const { input } = chatCompletions.describeRequest({ model: "m", messages: [], tools }, true);
    expect(input).toMatchObject({ tools: [...shown, own, {}] });
    expect(JSON.stringify(input)).not.toContain("secret");
  });
});
