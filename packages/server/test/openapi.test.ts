import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type SpanwiseServer } from "../src/index.ts";
import { exportOf, span } from "./otlp-messages.ts";

interface Operation {
  parameters: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

const source = fileURLToPath(new URL("../src", import.meta.url));
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
let document: Document;
let server: SpanwiseServer;
let ajv: Ajv2020;

beforeAll(async () => {
  const script = new URL("../scripts/openapi.mjs", import.meta.url).href;
  const { generateOpenApi } = (await import(/* @vite-ignore */ script)) as { generateOpenApi: () => Promise<Document> };
  document = await generateOpenApi();
  ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema({ $id: "spanwise", components: document.components });
  server = await createServer({ port: 0, db: ":memory:" });
}, 120_000);
afterAll(() => server.close());

/** Answers have this shape, and no member that is not in it. */
function shapeOf(method: string, path: string, status: number): ValidateFunction {
  const operation = document.paths[path]?.[method.toLowerCase()];
  const response = operation?.responses[status] ?? operation?.responses["default"];
  const schema = response?.content?.["application/json"]?.schema;
  if (schema === undefined) throw new Error(`${method} ${path} has no JSON answer with ${status} in the document.`);
  return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"spanwise#/')) as object);
}

/** Routes of `/api`, Langfuse's apart, as the code registers them. */
function servedRoutes(): string[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const routes = files.flatMap((file) =>
    [
      ...readFileSync(join(source, file), "utf8").matchAll(/\bapp\.(get|post|put|patch|delete)\(\s*"(\/api\/[^"]*)"/g),
    ].map(([, method = "", path = ""]) => `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`),
  );
  // Registered from a list.
  return [...routes, "GET /api/health"].filter((route) => !route.includes(" /api/public/")).toSorted();
}

describe("the OpenAPI document", () => {
  it("is one by OpenAPI's own schema", async () => {
    const result = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
  });

  it("describes each route that is served, and no other: see src/api/routes.ts", () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(servedRoutes());
  });

  it("is what the server answers", async () => {
    const ask = async (method: string, path: string, address: string, body?: unknown): Promise<unknown> => {
      const answer = await fetch(server.url + address, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status === 204) return null;
      const json: unknown = await answer.json();
      const validate = shapeOf(method, path, answer.status);
      validate(json);
      expect(validate.errors, `${method} ${address} ${answer.status} ${JSON.stringify(json).slice(0, 300)}`).toBeNull();
      return json;
    };
    const attributes = {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.usage.input_tokens": 10,
      "langfuse.observation.input": '{"a":1}',
      "langfuse.session.id": "s",
    };
    await fetch(`${server.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(exportOf([span(1, attributes), span(2, {}, { status: { code: 2, message: "no" } })])),
    });
    const id = span(1).spanId;
    const score = (await ask("POST", "/api/scores", "/api/scores", {
      name: "n",
      value: 1,
      traceId: TRACE_ID,
      observationId: id,
    })) as { id: string };
    await ask("POST", "/api/datasets", "/api/datasets", { name: "d", metadata: { a: 1 } });
    const item = (await ask("POST", "/api/datasets/{name}/items", "/api/datasets/d/items", { input: "x" })) as {
      id: string;
    };
    const add = { observations: [{ traceId: TRACE_ID, observationId: id }] };
    await ask("POST", "/api/datasets/{name}/items/from-observations", "/api/datasets/d/items/from-observations", add);
    await ask("PATCH", "/api/dataset-items/{id}", `/api/dataset-items/${item.id}`, { expectedOutput: "y" });
    await ask("PATCH", "/api/datasets/{name}", "/api/datasets/d", { description: "x" });
    await fetch(`${server.url}/api/public/dataset-run-items`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ runName: "r", datasetItemId: item.id, traceId: TRACE_ID }),
    });
    await ask("POST", "/api/projects", "/api/projects", { name: "shop" });
    await ask("POST", "/api/projects", "/api/projects", { name: "shop" });
    const key = (await ask("POST", "/api/projects/{id}/keys", "/api/projects/shop/keys", {})) as { publicKey: string };
    const price = { match: "m", prices: { input: 1 } };
    const made = (await ask("POST", "/api/prices", "/api/prices", price)) as { id: string };
    await ask("POST", "/api/prices/reprice", "/api/prices/reprice");

    const values: Record<string, string> = { traceId: TRACE_ID, name: "d", run: "r", sessionId: "s" };
    const ids: Record<string, string> = { projects: "shop", "dataset-items": item.id, scores: score.id };
    const addressOf = (path: string): string =>
      path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        name === "id" ? (ids[path.split("/")[2] ?? ""] ?? id) : (values[name] ?? name),
      );
    for (const [path, methods] of Object.entries(document.paths)) {
      const json = methods["get"]?.responses["200"]?.content?.["application/json"];
      if (json !== undefined && path !== "/api/openapi.json") {
        const targets = methods["get"]?.parameters.some(({ name }) => name === "target") === true;
        const query = targets ? "?target=observations" : path === "/api/session" ? "?id=s" : "";
        expect(await ask("GET", path, addressOf(path) + query), path).not.toHaveProperty("error");
      }
      if (json !== undefined && path.includes("{")) await ask("GET", path, path.replaceAll(/\{\w+\}/g, "none"));
    }
    await ask("GET", "/api/traces", "/api/traces?limit=x");
    await ask("GET", "/api/traces", "/api/traces?q=level:");
    await ask("POST", "/api/prices", "/api/prices", {});
    await ask("DELETE", "/api/prices/{id}", `/api/prices/${made.id}`);
    await ask("DELETE", "/api/scores/{id}", `/api/scores/${score.id}`);
    await ask("DELETE", "/api/projects/{id}/keys/{publicKey}", `/api/projects/shop/keys/${key.publicKey}`);
    await ask("PATCH", "/api/projects/{id}", "/api/projects/shop", { name: "The shop" });
    await ask("DELETE", "/api/projects/{id}", "/api/projects/default?name=default");
    await ask("DELETE", "/api/projects/{id}", "/api/projects/shop?name=shop");
    await ask("DELETE", "/api/projects/{id}", "/api/projects/shop?name=The%20shop");
    await ask("DELETE", "/api/dataset-items/{id}", `/api/dataset-items/${item.id}`);
  });

  it("fails an answer of another shape", () => {
    const validate = shapeOf("GET", "/api/prices", 200);
    expect(validate([{ id: "1", match: "m", provider: null, prices: {}, createdAt: 1 }])).toBe(true);
    expect(validate([{ id: "1", match: "m", provider: null, prices: {}, createdAt: 1, more: 1 }])).toBe(false);
    expect(validate([{ id: "1", match: "m", prices: {}, createdAt: 1 }])).toBe(false);
  });
});
