import { expect, it } from "vitest";
import { MEDIA_PART_BYTES, type MediaWrite } from "../../src/model/media.ts";
import { P, T0, hexId, mediaWrite, type WithStore } from "./fixtures.ts";

export function mediaContract(withStore: WithStore): void {
  it("keeps media once, gives their bytes in parts, and knows who names them", () =>
    withStore(async (store) => {
      const bytes = Uint8Array.from({ length: 2 * MEDIA_PART_BYTES + 10 }, (_, index) => index % 251);
      const write = (media: MediaWrite[]): Promise<void> =>
        store.writeBatch(P, { observations: [], scores: [], media, bytes: 1 });
      await write([mediaWrite("m1", bytes)]);
      await write([mediaWrite("m1", bytes), mediaWrite("m1", null, { observationId: null, field: "output" })]);
      await write([mediaWrite("m2", null), mediaWrite("m3", Uint8Array.of(0), { traceId: hexId(2, 32) })]);

      expect(await store.getMedia(P, "m1")).toEqual({
        id: "m1",
        contentType: "image/png",
        contentLength: bytes.byteLength,
        sha256: "m1+/=",
        uploadedAt: T0,
      });
      expect(await store.getMedia(P, "m2")).toBeNull();
      expect(await store.getMedia("other", "m1")).toBeNull();

      const parts: Uint8Array[] = [];
      for (let offset = 0; ; offset += parts.at(-1)?.byteLength ?? 0) {
        const part = await store.readMedia(P, "m1", offset, bytes.byteLength);
        if (part === null) break;
        expect(part.byteLength).toBeLessThanOrEqual(MEDIA_PART_BYTES);
        parts.push(part);
      }
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      const across = await store.readMedia(P, "m1", MEDIA_PART_BYTES - 2, 2);
      expect(across).toEqual(bytes.slice(MEDIA_PART_BYTES - 2, MEDIA_PART_BYTES));
      expect(await store.readMedia(P, "m3", 0, 9)).toEqual(Uint8Array.of(0));
      expect(await store.readMedia("other", "m1", 0, 1)).toBeNull();
      expect(await store.readMedia(P, "m2", 0, 1)).toBeNull();

      expect(await store.listMediaLinks(P, hexId(1, 32))).toEqual([
        { mediaId: "m1", traceId: hexId(1, 32), observationId: null, field: "output" },
        { mediaId: "m1", traceId: hexId(1, 32), observationId: hexId(1, 16), field: "input" },
        { mediaId: "m2", traceId: hexId(1, 32), observationId: hexId(1, 16), field: "input" },
      ]);
    }));

  it("takes a better content type for media it has", () =>
    withStore(async (store) => {
      const first = mediaWrite("m1", Uint8Array.of(1));
      const info = { ...first.content?.info, contentType: "audio/wav" } as NonNullable<MediaWrite["content"]>["info"];
      for (const content of [first.content, { info, bytes: Uint8Array.of(1) }])
        await store.writeBatch(P, { observations: [], scores: [], media: [{ ...first, content }], bytes: 1 });
      expect((await store.getMedia(P, "m1"))?.contentType).toBe("audio/wav");
    }));
}
