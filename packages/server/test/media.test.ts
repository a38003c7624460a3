import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTracer, spanwise } from "@spanwise/core";
import { afterAll, describe, expect, it } from "vitest";
import type { ObservationDetail, SpanwiseServer } from "../src/index.ts";
import { parseRange } from "../src/media/range.ts";
import { TicketOffice } from "../src/media/ticket.ts";
import { withServer } from "./with-server.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-media-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64");
const idOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64url").slice(0, 22);

function announcement(bytes: Uint8Array, contentType = "image/png", change: object = {}): object {
  return {
    traceId: TRACE_ID,
    observationId: "00f067aa0ba902b7",
    field: "input",
    contentType,
    contentLength: bytes.byteLength,
    sha256Hash: sha256(bytes),
    ...change,
  };
}

function announce(server: SpanwiseServer, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/api/public/media`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function uploadUrlOf(server: SpanwiseServer, bytes: Uint8Array, contentType?: string): Promise<string | null> {
  const answer = await announce(server, announcement(bytes, contentType));
  const body = (await answer.json()) as { mediaId: string; uploadUrl: string | null };
  expect(body.mediaId).toBe(idOf(bytes));
  return body.uploadUrl;
}

const put = (url: string | null, bytes: Uint8Array): Promise<Response> =>
  fetch(url ?? "", { method: "PUT", body: new Uint8Array(bytes) });

async function upload(server: SpanwiseServer, bytes: Uint8Array, contentType?: string): Promise<string> {
  const answer = await put(await uploadUrlOf(server, bytes, contentType), bytes);
  expect(answer.status).toBe(200);
  return `${server.url}/api/media/${idOf(bytes)}`;
}

const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

describe.each([
  ["memory", ":memory:"],
  ["sqlite", join(folder, "sdk.db")],
])("from the SDK into the %s store", (_, db) => {
  it("keeps an image of a payload beside it, once", () =>
    withServer({ db }, async (server) => {
      const tracer = createTracer({ exporters: [spanwise({ baseUrl: server.url })] });
      const image = { type: "image_url", image_url: { url: `data:image/png;base64,${png.toString("base64")}` } };
      const root = tracer.startObservation("look", { input: [{ role: "user", content: [image] }] });
      root.end({ output: "a picture" });
      tracer.startObservation("again", { input: image }).end();
      expect(await tracer.flush()).toMatchObject({ sent: 2, pending: 0 });
      await tracer.shutdown();

      const id = idOf(png);
      const token = `@@@langfuseMedia:type=image/png|id=${id}|source=base64_data_uri@@@`;
      const detail = await fetch(`${server.url}/api/traces/${root.traceId}/observations/${root.id}`);
      const { input, output } = (await detail.json()) as ObservationDetail;
      expect(input).toEqual([{ role: "user", content: [{ type: "image_url", image_url: { url: token } }] }]);
      expect(output).toBe("a picture");

      const answer = await fetch(`${server.url}/api/media/${id}?project=default`);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/png"]);
      expect((await bytesOf(answer)).equals(png)).toBe(true);
      expect(await server.store.listMediaLinks("default", root.traceId)).toEqual([
        { mediaId: id, traceId: root.traceId, observationId: root.id, field: "input" },
      ]);
      // Whoever announces it next is told that it is here.
      expect(await uploadUrlOf(server, png)).toBeNull();
      expect(await server.store.listMediaLinks("default", TRACE_ID)).toHaveLength(1);
    }));

  it("serves ranges of a recording, across the parts it is kept in", () =>
    withServer({ db }, async (server) => {
      const video = randomBytes(3 * 1024 * 1024 + 5);
      const url = await upload(server, video, "video/mp4");
      expect((await bytesOf(await fetch(url))).equals(video)).toBe(true);
      const ranges: [string, number, number][] = [
        ["bytes=0-0", 0, 1],
        ["bytes=1048570-2097160", 1_048_570, 2_097_161],
        ["bytes=3145728-", 3_145_728, video.length],
        ["bytes=-3", video.length - 3, video.length],
        ["bytes=5-99999999", 5, video.length],
      ];
      for (const [range, start, end] of ranges) {
        const answer = await fetch(url, { headers: { range } });
        expect(answer.status, range).toBe(206);
        expect(answer.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${video.length}`);
        expect(answer.headers.get("content-length")).toBe(String(end - start));
        expect((await bytesOf(answer)).equals(video.subarray(start, end)), range).toBe(true);
      }
      const beyond = await fetch(url, { headers: { range: "bytes=99999999-" } });
      expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${video.length}`]);
      const etag = (await fetch(url, { method: "HEAD" })).headers.get("etag") ?? "";
      expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(304);
      expect((await fetch(url, { headers: { range: "bytes=0-0", "if-range": '"other"' } })).status).toBe(200);
    }));
});

describe("an announcement", () => {
  it("is refused, with a reason, when it does not say what comes", () =>
    withServer({ maxMediaBytes: 1000 }, async (server) => {
      const cases: [object, number][] = [
        [{ traceId: undefined }, 400],
        [{ traceId: "" }, 400],
        [{ observationId: 7 }, 400],
        [{ field: "expectedOutput" }, 400],
        [{ contentType: "png" }, 400],
        [{ contentType: "image/png\r\nX: y" }, 400],
        [{ contentType: undefined }, 400],
        [{ contentLength: 0 }, 400],
        [{ contentLength: 1.5 }, 400],
        [{ contentLength: "16" }, 400],
        [{ contentLength: 1001 }, 413],
        [{ sha256Hash: "abc" }, 400],
        [{ sha256Hash: sha256(png).replace("=", "") }, 400],
      ];
      for (const [change, status] of cases) {
        const answer = await announce(server, announcement(png, "image/png", change));
        expect(answer.status, JSON.stringify(change)).toBe(status);
        expect(await answer.json()).toEqual({ error: expect.any(String), message: expect.stringMatching(/\w{3}/) });
      }
      expect((await announce(server, announcement(png, "IMAGE/PNG", { observationId: undefined }))).status).toBe(201);
    }));

  it("names an address at the host that the client used", () =>
    withServer({}, async (server) => {
      const url = await uploadUrlOf(server, png);
      expect(url?.startsWith(`${server.url}/api/public/media/upload/`)).toBe(true);
      const proxied = await announce(server, announcement(png), { "x-forwarded-proto": "https" });
      expect(await proxied.json()).toMatchObject({ uploadUrl: expect.stringMatching(/^https:\/\/localhost:/) });
    }));
});

describe("an upload", () => {
  it("is stored only as the bytes that were announced", () =>
    withServer({}, async (server) => {
      const url = await uploadUrlOf(server, png);
      const other = Buffer.from(png);
      other[15] = 0;
      const cases: [string | null, Uint8Array, number][] = [
        [url, other, 400],
        [url, png.subarray(1), 400],
        [url, Buffer.concat([png, png]), 400],
        [`${url}x`, png, 403],
        [url?.replace(/\/[^/]*\./, "/e30.") ?? null, png, 403],
        [`${server.url}/api/public/media/upload/none`, png, 403],
      ];
      for (const [target, body, status] of cases) {
        const answer = await put(target, body);
        expect(answer.status, target ?? "").toBe(status);
        expect(await answer.json()).toMatchObject({ message: expect.stringMatching(/\w{3}/) });
      }
      // Without a Content-Length too: the body is counted.
      const stream = new Blob([png, png]).stream();
      const init: RequestInit & { duplex: "half" } = { method: "PUT", body: stream, duplex: "half" };
      expect((await fetch(url ?? "", init)).status).toBe(400);
      expect((await fetch(`${server.url}/api/media/${idOf(png)}`)).status).toBe(404);
      expect(await server.store.listMediaLinks("default", TRACE_ID)).toEqual([]);

      expect((await put(url, png)).status).toBe(200);
      expect((await fetch(`${server.url}/api/media/${idOf(png)}`)).status).toBe(200);
    }));

  it("may be reported, and looked up with an address that needs no credentials", () =>
    withServer({}, async (server) => {
      await upload(server, png);
      const path = `${server.url}/api/public/media/${idOf(png)}`;
      const report = { uploadedAt: "2026-11-23T10:00:00.000Z", uploadHttpStatus: 200, uploadTimeMs: 5 };
      const headers = { "content-type": "application/json" };
      const patch = (url: string): Promise<Response> =>
        fetch(url, { method: "PATCH", headers, body: JSON.stringify(report) });
      expect((await patch(path)).status).toBe(200);
      const unknown = await patch(`${server.url}/api/public/media/none`);
      expect([unknown.status, await unknown.json()]).toEqual([
        404,
        { error: "not_found", message: "No media with this id has arrived." },
      ]);
      const info = (await (await fetch(path)).json()) as { url: string; urlExpiry: string; uploadedAt: string };
      expect(info).toEqual({
        mediaId: idOf(png),
        contentType: "image/png",
        contentLength: png.length,
        url: expect.stringContaining(`${server.url}/api/public/media/download/`),
        urlExpiry: expect.stringMatching(/^\d{4}-.*Z$/),
        uploadedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      expect(Date.parse(info.urlExpiry)).toBeGreaterThan(Date.now());
      expect((await bytesOf(await fetch(info.url))).equals(png)).toBe(true);
      expect((await put(info.url.replace("download", "upload"), png)).status).toBe(403);
      expect((await fetch(`${server.url}/api/public/media/none`)).status).toBe(404);
    }));

  it("needs no credentials but those of its announcement", () =>
    withServer({ publicKey: "pk", secretKey: "sk" }, async (server) => {
      const authorization = `Basic ${Buffer.from("pk:sk").toString("base64")}`;
      expect((await announce(server, announcement(png))).status).toBe(401);
      const answer = await announce(server, announcement(png), { authorization });
      const { uploadUrl } = (await answer.json()) as { uploadUrl: string };
      expect((await put(uploadUrl, png)).status).toBe(200);
      for (const path of [`/api/media/${idOf(png)}`, `/api/public/media/${idOf(png)}`]) {
        expect((await fetch(server.url + path)).status, path).toBe(401);
        expect((await fetch(server.url + path, { headers: { authorization } })).status, path).toBe(200);
      }
      const info = await fetch(`${server.url}/api/public/media/${idOf(png)}`, { headers: { authorization } });
      const { url } = (await info.json()) as { url: string };
      expect((await fetch(url)).status).toBe(200);
    }));
});

describe("what a browser gets", () => {
  it.each([
    ["image/png", "image/png", null],
    ["image/avif", "image/avif", null],
    ["audio/mpeg", "audio/mpeg", null],
    ["video/webm", "video/webm", null],
    ["application/pdf", "application/pdf", "pdf"],
    ["image/svg+xml", "application/octet-stream", "bin"],
    ["audio/x+xml", "application/octet-stream", "bin"],
    ["text/html", "application/octet-stream", "bin"],
    ["text/javascript", "application/octet-stream", "bin"],
    ["constructor/x", "application/octet-stream", "bin"],
  ])("of %s is %s, and never anything that runs", (contentType, served, saved) =>
    withServer({}, async (server) => {
      const bytes = Buffer.from(`<svg onload="alert(1)">${contentType}`);
      const { headers } = await fetch(await upload(server, bytes, contentType));
      expect(headers.get("content-type")).toBe(served);
      expect(headers.get("content-disposition")).toBe(
        saved === null ? null : `attachment; filename="${idOf(bytes)}.${saved}"`,
      );
      expect(headers.get("content-security-policy")).toBe("sandbox; default-src 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    }),
  );

  it("is kept from pages of other origins", () =>
    withServer({}, async (server) => {
      const url = await upload(server, png);
      expect((await fetch(url, { headers: { origin: "http://evil.example" } })).status).toBe(403);
      const info = await fetch(`${server.url}/api/public/media/${idOf(png)}`);
      const download = ((await info.json()) as { url: string }).url;
      expect((await fetch(download, { headers: { origin: "http://evil.example" } })).status).toBe(403);
      const page = await fetch(`${server.url}/`, { headers: { accept: "text/html" } });
      expect(page.headers.get("content-security-policy")).toMatch(/img-src 'self'.*media-src 'self'/);
    }));
});

it("lets a ticket be used for one thing, for its time, at the office that gave it", () => {
  const office = new TicketOffice();
  const text = office.issue({ use: "download", projectId: "p", expiresAt: 1000, mediaId: "m" });
  expect(office.check(text, "download", 999)).toMatchObject({ mediaId: "m" });
  expect(office.check(text, "download", 1000)).toBeNull();
  expect(office.check(text, "upload", 999)).toBeNull();
  expect(new TicketOffice().check(text, "download", 999)).toBeNull();
  for (const forged of ["", ".", `${text}.`, text.slice(0, -1), `x${text}`])
    expect(office.check(forged, "download", 999), forged).toBeNull();
});

it.each([
  ["bytes=0-9", { start: 0, end: 10 }],
  ["bytes=90-200", { start: 90, end: 100 }],
  ["bytes=-200", { start: 0, end: 100 }],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=9-8", null],
  ["bytes=-", null],
  ["bytes=0-1,5-6", null],
  ["lines=0-9", null],
  ["", null],
])("reads the range %j of 100 bytes", (header, range) => {
  expect(parseRange(header, 100)).toEqual(range);
});
