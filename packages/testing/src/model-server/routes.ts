import type { JsonObject } from "../json.ts";
import { ApiError } from "./api-error.ts";
import { chat } from "./chat.ts";
import { completions } from "./completions.ts";
import { embeddings } from "./embeddings.ts";
import { listedModels, standInFingerprint } from "./model-names.ts";
import { moderations } from "./moderations.ts";
import type { Reply } from "./reply.ts";
import { createResponse, storedResponse } from "./responses.ts";
import type { RouteContext } from "./route-context.ts";

export const plainStatement =
  "This is a local stand-in for the OpenAI API, made for tests and demos of Spanwise. It is not a language model: it answers by " +
  "picking sentences from the documents in the prompt.";

const owner = "spanwise-standin (a local stand-in for tests and demos, not a model)";

/** `path` is without the query. */
export async function route(
  method: string,
  path: string,
  body: JsonObject | undefined,
  context: RouteContext,
): Promise<Reply> {
  const parts = path.split("/").filter(Boolean);
  if (method === "GET" && (parts.length === 0 || path === "/v1" || path === "/v1/")) {
    return json({ object: "stand-in", statement: plainStatement, system_fingerprint: standInFingerprint });
  }
  const [version, resource, id, action] = parts;
  if (version !== "v1") throw invalidUrl(method, path);
  if (method === "GET" && resource === "models") return models(id);
  if (resource === "responses" && id !== undefined) return storedResponse(method, id, action, context);
  if (method !== "POST") throw invalidUrl(method, path);
  switch (parts.slice(1).join("/")) {
    case "chat/completions":
      return await chat(parsed(body), context);
    case "responses":
      return await createResponse(parsed(body), context);
    case "embeddings":
      return await embeddings(parsed(body));
    case "completions":
      return await completions(parsed(body), context);
    case "moderations":
      return moderations(parsed(body));
    default:
      throw invalidUrl(method, path);
  }
}

function models(id: string | undefined): Reply {
  const describe = (name: string): JsonObject => ({ id: name, object: "model", created: 0, owned_by: owner });
  if (id === undefined) return json({ object: "list", data: listedModels.map(describe) });
  if (listedModels.includes(id)) return json(describe(id));
  throw new ApiError(404, { message: `The model '${id}' does not exist`, param: "model" });
}

function json(body: unknown): Reply {
  return { kind: "json", status: 200, body };
}

function parsed(body: JsonObject | undefined): JsonObject {
  if (body !== undefined) return body;
  throw new ApiError(400, {
    message:
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly.)",
  });
}

function invalidUrl(method: string, path: string): ApiError {
  return new ApiError(404, { message: `Invalid URL (${method} ${path})`, code: null });
}
