import { request, type IncomingMessage } from "node:http";
import { expect } from "vitest";
import type { CreatedApiKey, SpanwiseServer } from "../../src/index.ts";
import { exportOf, span } from "../otlp-messages.ts";

export const OWN = { publicKey: "pk", secretKey: "sk" };
export const JSON_TYPE = { "content-type": "application/json" };
export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
export const BODY = JSON.stringify(exportOf([span(1)]));

export function basic(publicKey: string, secretKey: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString("base64")}` };
}

export async function call(
  server: SpanwiseServer,
  method: string,
  path: string,
  { body, ...headers }: Record<string, string | undefined> = {},
): Promise<Response> {
  return fetch(server.url + path, {
    method,
    headers: { ...JSON_TYPE, ...(headers as Record<string, string>) },
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });
}

/** `fetch` sets the headers of a browser's own to what it likes. */
export function browse(
  server: SpanwiseServer,
  path: string,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(server.url + path, { headers }, (answer) => resolve(answer.resume()));
    asked.on("error", reject).end();
  });
}

export async function makeKey(server: SpanwiseServer, project: string): Promise<CreatedApiKey> {
  const admin = basic("pk", "sk");
  await call(server, "POST", "/api/projects", { ...admin, body: JSON.stringify({ name: project }) });
  const answer = await call(server, "POST", `/api/projects/${project}/keys`, { ...admin, body: '{"note":"ci"}' });
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "no-store"]);
  return (await answer.json()) as CreatedApiKey;
}

export function withAttributes(
  base: ReturnType<typeof span>,
  attributes: Record<string, string | number>,
): ReturnType<typeof span> {
  const more = Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: String(value) },
  }));
  return { ...base, attributes: [...((base as { attributes?: object[] }).attributes ?? []), ...more] } as never;
}
