import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type ObservationDetail, type SpanwiseServer } from "../src/index.ts";

/** One export of the SDK and what the server must make of it: packages/testing/fixtures/wire/README.md. */
interface Fixture {
  json: { resourceSpans: { scopeSpans: { spans: { traceId: string; spanId: string }[] }[] }[] };
  /** Base64. */
  protobuf: string;
  stored: Record<string, Partial<ObservationDetail>>;
}

const wire = new URL("../../testing/fixtures/wire/", import.meta.url);
const fixtures = readdirSync(wire)
  .filter((file) => file.endsWith(".json"))
  .map((file) => [file, JSON.parse(readFileSync(new URL(file, wire), "utf8")) as Fixture] as const);
const folder = mkdtempSync(join(tmpdir(), "spanwise-wire-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("finds the fixtures", () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(5);
});

describe.each(["application/json", "application/x-protobuf"])("%s", (contentType) => {
  describe.each(["memory", "sqlite"])("%s store", (kind) => {
    let server: SpanwiseServer;
    const db = kind === "memory" ? ":memory:" : join(folder, contentType, "wire.db");
    beforeAll(async () => {
      server = await createServer({ port: 0, db });
    });
    afterAll(() => server.close());

    it.each(fixtures)("stores %s as agreed", async (_, fixture) => {
      const body =
        contentType === "application/json"
          ? JSON.stringify(fixture.json)
          : new Uint8Array(Buffer.from(fixture.protobuf, "base64"));
      const answer = await fetch(`${server.url}/api/public/otel/v1/traces`, {
        method: "POST",
        headers: { "content-type": contentType },
        body,
      });
      expect(answer.status).toBe(200);

      const spans = fixture.json.resourceSpans.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans));
      expect(Object.keys(fixture.stored).length).toBeGreaterThan(0);
      for (const [id, expected] of Object.entries(fixture.stored)) {
        const traceId = spans.find((span) => span.spanId === id)?.traceId ?? "";
        const detail = await fetch(`${server.url}/api/traces/${traceId}/observations/${id}`);
        expect(await detail.json()).toMatchObject(expected);
      }
    });
  });
});
