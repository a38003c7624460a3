import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { withServer } from "../with-server.ts";
import { call } from "./call.ts";

const PNG = Buffer.from("89504e470d0a1a0a", "hex");

it("takes media for an item of a dataset and gives their address with the item", () =>
  withServer({}, async (server) => {
    const dataset = await call(server, "POST", "/api/public/v2/datasets", { name: "d" });
    const sha256Hash = createHash("sha256").update(PNG).digest("base64");
    const announcement = {
      datasetId: dataset.body.id,
      datasetItemId: "i",
      field: "expectedOutput",
      contentType: "image/png",
      contentLength: PNG.byteLength,
      sha256Hash,
    };
    const announced = await call(server, "POST", "/api/public/media", announcement);
    expect(announced.status).toBe(201);
    const upload = await fetch(announced.body.uploadUrl as string, {
      method: "PUT",
      body: PNG,
      headers: { "content-type": "image/png", "x-amz-checksum-sha256": sha256Hash, "x-ms-blob-type": "BlockBlob" },
    });
    expect(upload.status).toBe(200);
    const referenceString = `@@@langfuseMedia:type=image/png|id=${announced.body.mediaId}|source=bytes@@@`;
    await call(server, "POST", "/api/public/dataset-items", {
      datasetName: "d",
      id: "i",
      input: "@@@langfuseMedia:type=image/png|id=gone|source=bytes@@@",
      expectedOutput: { pictures: ["no", referenceString] },
    });
    // Links of items have no trace.
    expect(await server.store.listMediaLinks("default", "")).toEqual([
      { mediaId: announced.body.mediaId, traceId: "", observationId: "i", field: "expectedOutput" },
      { mediaId: "gone", traceId: "", observationId: "i", field: "input" },
    ]);
    for (const path of ["/api/public/dataset-items/i", "/api/public/dataset-items?datasetName=d"]) {
      const { body } = await call(server, "GET", path);
      const [reference, ...more] = (body.data?.[0] ?? body).mediaReferences;
      expect(more).toEqual([]);
      expect(reference).toMatchObject({
        field: "expectedOutput",
        referenceString,
        jsonPath: "$['pictures'][1]",
        media: { mediaId: announced.body.mediaId, contentType: "image/png", contentLength: PNG.byteLength },
      });
      const bytes = Buffer.from(await (await fetch(reference.media.url as string)).arrayBuffer());
      expect(bytes.equals(PNG)).toBe(true);
    }
    expect((await call(server, "POST", "/api/public/media", announcement)).body.uploadUrl).toBeNull();
    const { datasetId: _, ...orphan } = announcement;
    expect((await call(server, "POST", "/api/public/media", orphan)).status).toBe(400);
  }));
