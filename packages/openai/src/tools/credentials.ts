import { arrayOf, isFields, type Fields } from "../fields.ts";

/**
 * Tools that are run by the provider as they are recorded: without what they sign in with, which is `headers`,
 * `authorization` and the query of `server_url` of an MCP server, and the `domain_secrets` of a container. Function tools
 * stay as they are: in their schemas such names are the caller's arguments.
 */
export function withoutCredentials(tools: unknown): unknown {
  if (!Array.isArray(tools)) return tools;
  return tools.map((tool: unknown) => (isFields(tool) && HOSTED.has(tool["type"]) ? describeHosted(tool) : tool));
}

/** The items of a conversation, of which some bring tools. */
export function withoutItemCredentials(items: unknown): unknown {
  if (!Array.isArray(items) || !items.some(hasTools)) return items;
  return items.map((item: unknown) => (hasTools(item) ? { ...item, tools: withoutCredentials(item["tools"]) } : item));
}

const HOSTED: ReadonlySet<unknown> = new Set(["mcp", "code_interpreter", "shell"]);

function hasTools(item: unknown): item is Fields {
  return isFields(item) && arrayOf(item["tools"]).length > 0;
}

function describeHosted(tool: Fields): Fields {
  const { headers: _headers, authorization: _authorization, ...rest } = tool;
  const shown: Record<string, unknown> = rest;
  const url = shown["server_url"];
  if (typeof url === "string") shown["server_url"] = plainUrl(url);
  for (const place of ["container", "environment"]) {
    const container = shown[place];
    if (!isFields(container) || !isFields(container["network_policy"])) continue;
    const { domain_secrets: _secrets, ...policy } = container["network_policy"];
    shown[place] = { ...container, network_policy: policy };
  }
  return shown;
}

/** Without query, fragment and `user:password@`. */
function plainUrl(url: string): string {
  return url.split(/[?#]/, 1)[0]!.replace(/\/\/[^/]*@/, "//");
}
