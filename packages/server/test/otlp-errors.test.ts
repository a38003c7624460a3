import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { SpanwiseServer } from "../src/index.ts";
import { StoreBusyError, StoreClosedError, StoreGoneError } from "../src/store/errors.ts";
import { decodeStatus, exportOf, span, toProtobuf } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };

function post(server: SpanwiseServer, body: string | Uint8Array, headers: Record<string, string>): Promise<Response> {
  return fetch(`${server.url}/v1/traces`, { method: "POST", body: body as string, headers });
}

async function statusOf(answer: Response): Promise<{ code: number; message: string }> {
  expect(answer.headers.get("content-type")).toBe("application/x-protobuf");
  return decodeStatus(new Uint8Array(await answer.arrayBuffer()));
}

/** https://opentelemetry.io/docs/specs/otlp/#failures */
describe("a failure is a google.rpc.Status in the encoding of the request", () => {
  it("for bodies that are none", () =>
    withServer({}, async (server) => {
      const binary = await post(server, "{}", PROTOBUF);
      expect([binary.status, await statusOf(binary)]).toEqual([
        400,
        { code: 3, message: expect.stringContaining("not an OTLP trace export in protobuf") },
      ]);
      const json = await post(server, "nonsense", JSON_TYPE);
      expect([json.status, await json.json()]).toEqual([
        400,
        { code: 3, message: expect.stringContaining("not JSON"), error: "bad_request" },
      ]);
      const other = await post(server, "x", { "content-type": "text/plain" });
      expect([other.status, await other.json()]).toMatchObject([415, { code: 3, error: "unsupported_media_type" }]);
    }));

  it("for bodies that are too large, and encodings that are not known", () =>
    withServer({ maxBodyBytes: 1000 }, async (server) => {
      const large = await post(server, new Uint8Array(2000), PROTOBUF);
      expect([large.status, (await statusOf(large)).code]).toEqual([413, 3]);
      const odd = await post(server, "x", { ...PROTOBUF, "content-encoding": "rot13" });
      expect([odd.status, odd.headers.get("accept-encoding"), await statusOf(odd)]).toEqual([
        415,
        expect.stringMatching(/^gzip, deflate, br/),
        { code: 3, message: expect.stringContaining("rot13") },
      ]);
    }));

  it("for a server that is busy, closing, out of room or broken, with the time of a retry where one makes sense", () =>
    withServer({ onError: () => undefined }, async (server) => {
      const failWith = async (error: Error): Promise<[number, string | null, number]> => {
        server.store.writeBatch = async () => {
          throw error;
        };
        const answer = await post(server, toProtobuf(exportOf([span(1)])), PROTOBUF);
        return [answer.status, answer.headers.get("retry-after"), (await statusOf(answer)).code];
      };
      expect(await failWith(new StoreBusyError("full"))).toEqual([429, "1", 8]);
      expect(await failWith(new StoreClosedError("closed"))).toEqual([503, "1", 14]);
      expect(await failWith(new Error("database or disk is full"))).toEqual([503, "30", 14]);
      expect(await failWith(new StoreGoneError("x.db was deleted"))).toEqual([503, "30", 14]);
      expect(await failWith(new Error("a secret of the server's"))).toEqual([500, null, 13]);
    }));

  it("for missing keys and for other methods", () =>
    withServer({ keys: true }, async (server) => {
      const refused = await post(server, toProtobuf(exportOf([span(1)])), PROTOBUF);
      expect([refused.status, (await statusOf(refused)).code]).toEqual([401, 16]);
      await withServer({}, async (open) => {
        const answer = await fetch(`${open.url}/v1/traces`);
        expect([answer.status, answer.headers.get("allow"), await answer.json()]).toMatchObject([
          405,
          "POST, OPTIONS",
          { code: 12, error: "method_not_allowed" },
        ]);
      });
    }));
});

it("takes bodies in each of the encodings that senders use, and none that inflates beyond the limit", () =>
  withServer({ maxBodyBytes: 100_000 }, async (server) => {
    const body = Buffer.from(JSON.stringify(exportOf([span(1)])));
    const bomb = Buffer.alloc(200_000, 0x20);
    const ways: [string, (data: Buffer) => Uint8Array][] = [
      ["gzip", gzipSync],
      ["x-gzip", gzipSync],
      ["deflate", deflateSync],
      ["deflate", deflateRawSync],
      ["br", brotliCompressSync],
    ];
    for (const [encoding, compress] of ways) {
      const send = async (data: Buffer | Uint8Array): Promise<number> =>
        (await post(server, data, { ...JSON_TYPE, "content-encoding": encoding })).status;
      expect([encoding, await send(compress(body)), await send(compress(bomb)), await send(body)]).toEqual([
        encoding,
        200,
        413,
        400,
      ]);
    }
  }));
