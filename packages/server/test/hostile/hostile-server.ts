import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import type { SpanwiseServer } from "../../src/index.ts";
import { exportOf, span } from "../otlp-messages.ts";
import { withServer } from "../with-server.ts";

// What the tests of hostile requests share.

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** The path as it is: `fetch` would make it a proper one first. */
export function ask(server: SpanwiseServer, path: string, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: server.port, path, method, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

/** What a path that is there is answered with. */
export async function read<T>(server: SpanwiseServer, path: string): Promise<T> {
  const { status, text } = await ask(server, path);
  expect([path, status, status === 200 ? "" : text]).toEqual([path, 200, ""]);
  return JSON.parse(text) as T;
}

/** Each path with the status it is answered with. */
export async function statuses(
  server: SpanwiseServer,
  paths: readonly string[],
): Promise<[path: string, status: number][]> {
  return Promise.all(paths.map(async (path) => [path, (await ask(server, path)).status]));
}

export async function postJson(server: SpanwiseServer, path: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${server.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

export async function send(server: SpanwiseServer, spans: Parameters<typeof exportOf>[0]): Promise<void> {
  expect((await postJson(server, "/v1/traces", exportOf(spans))).status).toBe(200);
}

export const traceOf = (number: number): string => number.toString(16).padStart(32, "0");

/** A trace of one observation. */
export const lone = (number: number, attributes: Record<string, unknown> = {}, name = `trace ${number}`) =>
  span(1, { "spanwise.observation.status": "ok", ...attributes }, { traceId: traceOf(number), name });

const folder = mkdtempSync(join(tmpdir(), "spanwise-reads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** Without a file, the store that is in memory answers. */
export const STORES = ["memory", "sqlite"] as const;

export const withStore = (
  store: (typeof STORES)[number],
  use: (server: SpanwiseServer) => Promise<void>,
): Promise<void> => withServer({ db: store === "memory" ? ":memory:" : join(folder, `${++files}.db`) }, use);
