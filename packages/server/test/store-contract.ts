import { describe, expect, it } from "vitest";
import type { Score } from "../src/api/types.ts";
import { MEDIA_PART_BYTES, type MediaLink, type MediaWrite } from "../src/model/media.ts";
import { RECORD_RANK, type StoredObservation } from "../src/model/observation.ts";
import type { Store, WriteBatch } from "../src/store/store.ts";

const P = "default";
const T0 = 1_795_000_000_000;

export function hexId(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}

export function observation(change: Partial<StoredObservation> = {}): StoredObservation {
  return {
    traceId: hexId(1, 32),
    id: hexId(1, 16),
    parentId: null,
    isRoot: true,
    type: "span",
    name: "root",
    startTime: T0,
    endTime: T0 + 10,
    completionStartTime: null,
    level: "DEFAULT",
    status: "ok",
    statusMessage: null,
    rank: RECORD_RANK.end,
    model: null,
    provider: null,
    usage: null,
    cost: null,
    costSource: null,
    usageAggregate: false,
    promptName: null,
    promptVersion: null,
    traceName: null,
    userId: null,
    sessionId: null,
    tags: null,
    environment: null,
    release: null,
    version: null,
    public: null,
    instanceId: null,
    scopeName: null,
    scopeVersion: null,
    inputPreview: null,
    outputPreview: null,
    ...change,
    payload: {
      input: null,
      output: null,
      metadata: null,
      modelParameters: null,
      traceMetadata: null,
      attributes: null,
      resource: null,
      events: null,
      ...change.payload,
    },
  };
}

export function batch(observations: StoredObservation[], scores: Score[] = []): WriteBatch {
  return { observations, scores, bytes: 1000 * observations.length };
}

function score(change: Partial<Score> = {}): Score {
  return {
    id: "s1",
    projectId: P,
    name: "helpful",
    dataType: "NUMERIC",
    value: 1,
    stringValue: null,
    source: "API",
    comment: null,
    metadata: null,
    traceId: hexId(1, 32),
    observationId: null,
    sessionId: null,
    timestamp: T0,
    ...change,
  };
}

function payload(input: string): StoredObservation["payload"] {
  return { ...observation().payload, input };
}

function mediaWrite(id: string, bytes: Uint8Array | null, change: Partial<MediaLink> = {}): MediaWrite {
  const link: MediaLink = {
    mediaId: id,
    traceId: hexId(1, 32),
    observationId: hexId(1, 16),
    field: "input",
    ...change,
  };
  if (bytes === null) return { link, content: null };
  const info = { id, contentType: "image/png", contentLength: bytes.byteLength, sha256: `${id}+/=`, uploadedAt: T0 };
  return { link, content: { info, bytes } };
}

/** What every store must do. @param open a fresh, empty store. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    const withStore = async (use: (store: Store) => Promise<void>): Promise<void> => {
      const store = await open();
      try {
        await use(store);
      } finally {
        await store.close();
      }
    };

    it("stores the same observation sent twice once", () =>
      withStore(async (store) => {
        await store.writeBatch(P, batch([observation()]));
        await store.writeBatch(P, batch([observation(), observation()]));
        const trace = await store.getTrace(P, hexId(1, 32));
        expect(trace?.observations).toHaveLength(1);
        expect((await store.listTraces(P, { limit: 10 })).data).toHaveLength(1);
      }));

    const start = observation({ endTime: null, status: "running", rank: RECORD_RANK.start });
    const incomplete = observation({ status: "incomplete", level: "WARNING", rank: RECORD_RANK.incomplete });
    const end = observation({ endTime: T0 + 42, payload: payload('"full"') });
    for (const order of [
      [start, end],
      [end, start],
      [start, incomplete, end],
      [end, incomplete, start],
      [incomplete, end, start],
    ]) {
      it(`keeps the end record when records arrive as ${order.map((row) => row.status).join(", ")}`, () =>
        withStore(async (store) => {
          for (const row of order) await store.writeBatch(P, batch([row]));
          const stored = await store.getObservation(P, end.traceId, end.id);
          expect(stored?.summary).toMatchObject({ status: "ok", endTime: T0 + 42, hasInput: true });
          expect(stored?.payload.input).toBe('"full"');
          expect((await store.listTraces(P, { limit: 1 })).data[0]).toMatchObject({ status: "ok", durationMs: 42 });
        }));
    }

    it("shows a trace as running until its last row has ended", () =>
      withStore(async (store) => {
        await store.writeBatch(P, batch([start]));
        const [running] = (await store.listTraces(P, { limit: 1 })).data;
        expect(running).toMatchObject({ status: "running", endTime: null, durationMs: null });
        await store.writeBatch(P, batch([end]));
        expect((await store.listTraces(P, { limit: 1 })).data[0]).toMatchObject({ status: "ok", endTime: T0 + 42 });
      }));

    it("pages by key while newer traces arrive, without repeating or hiding one", () =>
      withStore(async (store) => {
        const traces = (from: number, count: number): StoredObservation[] =>
          Array.from({ length: count }, (_, index) =>
            // Two traces share each start, so that the id decides too.
            observation({ traceId: hexId(from + index, 32), startTime: T0 + Math.floor((from + index) / 2) }),
          );
        await store.writeBatch(P, batch(traces(1, 25)));
        const seen: string[] = [];
        let cursor: string | undefined;
        let next = 1000;
        do {
          const page = await store.listTraces(P, { limit: 4, cursor });
          seen.push(...page.data.map((trace) => trace.traceId));
          cursor = page.nextCursor ?? undefined;
          await store.writeBatch(P, batch(traces(next, 3)));
          next += 3;
        } while (cursor !== undefined);
        expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => hexId(25 - index, 32)));
      }));

    it("refuses a cursor it did not give out", () =>
      withStore(async (store) => {
        await expect(store.listTraces(P, { limit: 1, cursor: "nonsense" })).rejects.toThrow(/cursor/i);
      }));

    it("keeps orphans, and takes the root's word when it arrives in a later batch", () =>
      withStore(async (store) => {
        const child = observation({
          id: hexId(2, 16),
          parentId: hexId(1, 16),
          isRoot: false,
          name: "child",
          userId: "child-user",
          startTime: T0 + 5,
        });
        await store.writeBatch(P, batch([child]));
        expect((await store.listTraces(P, { limit: 1 })).data[0]).toMatchObject({ name: "child", startTime: T0 + 5 });
        const root = observation({
          traceName: "chat",
          userId: "root-user",
          inputPreview: "hello",
          payload: { ...payload('"hi"'), traceMetadata: '{"a":1}' },
        });
        await store.writeBatch(P, batch([root]));
        const trace = await store.getTrace(P, root.traceId);
        expect(trace?.trace).toMatchObject({
          name: "chat",
          userId: "root-user",
          startTime: T0,
          observationCount: 2,
          inputPreview: "hello",
          metadata: { a: 1 },
        });
        expect(trace?.observations.map((row) => row.parentId)).toEqual([null, hexId(1, 16)]);
      }));

    it("upserts scores by id and finds them by trace", () =>
      withStore(async (store) => {
        await store.writeBatch(P, batch([observation()], [score()]));
        const later = score({ value: 0.5, metadata: { by: "ä" }, observationId: hexId(1, 16) });
        await store.writeBatch(
          P,
          batch([], [later, score({ id: "s2", timestamp: T0 + 1 }), score({ id: "s3", traceId: hexId(9, 32) })]),
        );
        expect(await store.listScores(P, hexId(1, 32))).toEqual([later, score({ id: "s2", timestamp: T0 + 1 })]);
        expect((await store.listTraces(P, { limit: 1 })).data[0]?.scores).toHaveLength(2);
        expect((await store.getObservation(P, hexId(1, 32), hexId(1, 16)))?.scores).toEqual([later]);
      }));

    it("gives back every field as it was", () =>
      withStore(async (store) => {
        const full = observation({
          name: "ünïcødé 🌊 \u2028 名前",
          startTime: T0 + 0.123,
          completionStartTime: T0 + 1.5,
          usage: { input: 1, output_reasoning_tokens: 2 },
          cost: { total: 0.1 },
          costSource: "provided",
          model: "m",
          provider: "p",
          promptName: "q",
          promptVersion: 3,
          tags: ["a", "ß"],
          public: true,
          version: "v",
          scopeName: "s",
          payload: { ...payload('{"big":9007199254740993,"text":"\\u0000😀"}'), events: "[]" },
        });
        await store.writeBatch(P, batch([full]));
        const stored = await store.getObservation(P, full.traceId, full.id);
        expect(stored?.summary).toMatchObject({
          name: full.name,
          startTime: full.startTime,
          usage: full.usage,
          cost: full.cost,
        });
        expect(stored).toMatchObject({
          version: "v",
          prompt: { name: "q", version: 3 },
          scope: { name: "s", version: null },
        });
        const { traceMetadata: _, ...rest } = full.payload;
        expect(stored?.payload).toMatchObject(rest);
        expect((await store.getTrace(P, full.traceId))?.trace).toMatchObject({
          tags: ["a", "ß"],
          public: true,
          version: "v",
        });
      }));

    it("keeps a payload of 10 MB whole", () =>
      withStore(async (store) => {
        const input = JSON.stringify("0123456789".repeat(1024 * 1024));
        await store.writeBatch(P, batch([observation({ payload: payload(input) })]));
        const stored = await store.getObservation(P, hexId(1, 32), hexId(1, 16));
        expect(stored?.payload.input === input).toBe(true);
      }));

    it("commits many writes at once", () =>
      withStore(async (store) => {
        await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            store.writeBatch(P, batch([observation({ id: hexId(index + 1, 16) })])),
          ),
        );
        expect((await store.getTrace(P, hexId(1, 32)))?.observations).toHaveLength(100);
      }));

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

    it("keeps projects apart", () =>
      withStore(async (store) => {
        await store.writeBatch("other", batch([observation()]));
        expect((await store.listTraces(P, { limit: 1 })).data).toEqual([]);
        expect(await store.getTrace(P, hexId(1, 32))).toBeNull();
      }));

    it("refuses work after close, and closes twice", async () => {
      const store = await open();
      await store.close();
      await store.close();
      await expect(store.writeBatch(P, batch([observation()]))).rejects.toThrow("closed");
      await expect(store.listTraces(P, { limit: 1 })).rejects.toThrow("closed");
    });
  });
}
