import { createHash } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createTracer, memory, type Mask, type MaskRecord, type TracerOptions } from "../../src/index.ts";
import { emails, MASK_FAILED, MASK_TIMEOUT_MS, maskWith, rule, type MaskMedia } from "../../src/mask/index.ts";
import { parseMediaReference } from "../../src/media.ts";

const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const uri = `data:image/png;base64,${png.toString("base64")}`;
const id = createHash("sha256").update(png).digest("base64url").slice(0, 22);

function setUp(mask: Mask, options: TracerOptions = {}) {
  const exporter = memory();
  return { exporter, tracer: createTracer({ exporters: [exporter], mask, logLevel: "silent", ...options }) };
}

afterEach(() => vi.useRealTimers());

describe("attachments", () => {
  const input = { image_url: { url: uri }, list: [png, { blob: new Blob([png], { type: "image/png" }) }] };

  test.each<[what: string, mask: Mask]>([
    ["that returns the record", (record) => record],
    ["that goes through JSON", (record) => JSON.parse(JSON.stringify(record)) as MaskRecord],
    ["of rules", maskWith(emails(), rule(/\d+/, "[n]"))],
    ["that takes its time", async (record) => (await new Promise((resolve) => setImmediate(resolve)), record)],
  ])("are left where they were by a mask %s", async (_, mask) => {
    const { exporter, tracer } = setUp(mask);
    tracer.startObservation("one", { input, metadata: { uri } }).end();
    await tracer.flush();
    const payload = JSON.parse(exporter.observations[0]!.input!) as typeof input & { list: [string, { blob: string }] };
    for (const reference of [payload.image_url.url, payload.list[0], payload.list[1].blob])
      expect(parseMediaReference(reference)?.id).toBe(id);
    expect(parseMediaReference(JSON.parse(exporter.observations[0]!.metadata!).uri)?.id).toBe(id);
    expect([...exporter.media.keys()]).toEqual([id]);
    expect(tracer.stats().bytesHeld).toBe(0);
    await tracer.shutdown();
  });

  test("show their type and size, and go where the mask puts them", async () => {
    const seen: unknown[] = [];
    const { exporter, tracer } = setUp((record) => {
      const media = (record.input as { image_url: { url: MaskMedia } }).image_url.url;
      seen.push(media);
      return { ...record, input: "none", output: { moved: media } };
    });
    tracer.startObservation("one", { input: { image_url: { url: uri } } }).end();
    await tracer.flush();
    expect(seen).toEqual([{ mime: "image/png", bytes: png.length, ref: expect.stringMatching(/^media:[a-z]+$/) }]);
    expect(exporter.observations[0]!.input).toBe('"none"');
    expect(parseMediaReference(JSON.parse(exporter.observations[0]!.output!).moved)?.id).toBe(id);
    await tracer.shutdown();
  });

  test.each<[what: string, mask: Mask]>([
    ["takes out", (record) => ({ ...record, input: "[image]" })],
    ["does not tie any more", (record) => ({ ...record, input: { mime: "image/png", bytes: 1, ref: "other" } })],
    [
      "fails on",
      () => {
        throw new Error("no");
      },
    ],
  ])("that a mask %s are not sent", async (_, mask) => {
    const { exporter, tracer } = setUp(mask);
    tracer.startObservation("one", { input: { uri, png } }).end();
    await tracer.flush();
    expect(exporter.media.size).toBe(0);
    expect(exporter.observations[0]!.input).not.toContain(id);
    expect(exporter.observations[0]!.input).not.toContain(png.toString("base64"));
    await tracer.shutdown();
  });

  test("text that only looked like one has not been seen by the mask, and is left out", async () => {
    const { exporter, tracer } = setUp(maskWith(emails()));
    const data = `${"A".repeat(8000)} ann@example.com`;
    const early = { inlineData: { mimeType: "image/png", data: "mail ann@example.com" } };
    tracer.startObservation("one", { input: [{ inlineData: { mimeType: "image/png", data } }, early] }).end();
    await tracer.flush();
    expect(exporter.observations[0]!.input).not.toContain("ann@");
    expect(exporter.observations[0]!.input).toContain("mail [email]");
    await tracer.shutdown();
  });

  test("stay in the payload where media are off", async () => {
    const { exporter, tracer } = setUp((record) => record, { media: false });
    tracer.startObservation("one", { input: { uri, png } }).end();
    await tracer.flush();
    expect(JSON.parse(exporter.observations[0]!.input!)).toEqual({ uri, png: `[Buffer of ${png.length} bytes]` });
    await tracer.shutdown();
  });

  test("of an observation that is let go before its end are in both of its records", async () => {
    const { exporter, tracer } = setUp((record) => record, { maxOpen: 1 });
    const first = tracer.startObservation("first", { input: { uri } });
    tracer.startObservation("second").end();
    const third = tracer.startObservation("third");
    tracer.startObservation("fourth").end();
    await tracer.flush();
    first.end();
    third.end();
    await tracer.flush();
    const records = exporter.observations.filter(({ name }) => name === "first");
    expect(records.map(({ status }) => status)).toEqual(["incomplete", "ok"]);
    for (const { input: json } of records) expect(parseMediaReference(JSON.parse(json!).uri)?.id).toBe(id);
    await tracer.shutdown();
  });
});

describe("what the user chose of a score", () => {
  const score = {
    name: "by ann@example.com",
    value: "ann@example.com",
    id: "ann@example.com-1",
    comment: "ann@example.com",
  };

  test("goes through the mask, its id too", async () => {
    const { exporter, tracer } = setUp(maskWith(emails()));
    tracer.score({ ...score, metadata: { "ann@example.com": 1 }, sessionId: "ann@example.com" });
    await tracer.flush();
    expect(JSON.stringify(exporter.scores)).not.toContain("ann@");
    expect(exporter.scores[0]).toMatchObject({ id: "[email]-1", eventId: expect.stringMatching(/^\[email\]-1-\d/) });
    await tracer.shutdown();
  });

  test("is a placeholder where the mask fails, and the id a new one", async () => {
    const { exporter, tracer } = setUp(() => undefined as never);
    tracer.score({ ...score, traceId: "0".repeat(31) + "1" });
    await tracer.flush();
    expect(JSON.stringify(exporter.scores)).not.toContain("ann@");
    expect(exporter.scores[0]).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/), value: MASK_FAILED });
    await tracer.shutdown();
  });
});

describe("an asynchronous mask", () => {
  const MAX_WAITING = 64;

  test("that never answers yields the placeholder when its time is over", async () => {
    vi.useFakeTimers();
    const { exporter, tracer } = setUp(() => new Promise<MaskRecord>(() => {}));
    tracer.startObservation("ann@example.com", { input: "ann@example.com", metadata: { a: "ann@example.com" } }).end();
    await vi.advanceTimersByTimeAsync(MASK_TIMEOUT_MS - 1);
    expect(exporter.observations).toHaveLength(0);
    expect(tracer.stats()).toMatchObject({ started: 1, sent: 0, maskFailed: 0 });
    await vi.advanceTimersByTimeAsync(1);
    expect(exporter.observations).toHaveLength(1);
    expect(JSON.stringify(exporter.observations)).not.toContain("ann@");
    expect(exporter.observations[0]).toMatchObject({ name: MASK_FAILED, input: JSON.stringify(MASK_FAILED) });
    expect(tracer.stats()).toMatchObject({ maskFailed: 1, open: 0, sent: 1 });
  });

  test("that answers or fails when its time is over changes nothing any more", async () => {
    vi.useFakeTimers();
    const late = (): Promise<MaskRecord> =>
      new Promise((resolve) => void setTimeout(() => resolve({ kind: "observation" }), MASK_TIMEOUT_MS + 10));
    const broken = (): Promise<MaskRecord> =>
      new Promise((_, reject) => void setTimeout(() => reject(new Error("late")), MASK_TIMEOUT_MS + 10));
    for (const answer of [late, broken]) {
      const { exporter, tracer } = setUp(answer);
      tracer.startObservation("one", { input: "x" }).end();
      await vi.advanceTimersByTimeAsync(MASK_TIMEOUT_MS);
      expect(exporter.observations).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(20);
      expect(exporter.observations).toHaveLength(1);
    }
  });

  test("runs for a bounded number of records at once, and for all in the end", async () => {
    let running = 0;
    let most = 0;
    const { exporter, tracer } = setUp(async (record) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return record;
    });
    for (let i = 0; i < 300; i++) tracer.startObservation(`n${i}`).end();
    expect(await tracer.flush()).toMatchObject({ sent: 300, pending: 0 });
    expect(most).toBe(MAX_WAITING);
    expect(exporter.observations).toHaveLength(300);
    await tracer.shutdown();
  });

  test("of which all hang lets the rest follow when their time is over", async () => {
    vi.useFakeTimers();
    let calls = 0;
    const { exporter, tracer } = setUp(() => (calls++, new Promise<MaskRecord>(() => {})));
    for (let i = 0; i < MAX_WAITING + 10; i++) tracer.startObservation(`n${i}`).end();
    await vi.advanceTimersByTimeAsync(MASK_TIMEOUT_MS - 1);
    expect(calls).toBe(MAX_WAITING);
    await vi.advanceTimersByTimeAsync(2 * MASK_TIMEOUT_MS);
    expect(exporter.observations).toHaveLength(MAX_WAITING + 10);
    expect(tracer.stats().maskFailed).toBe(MAX_WAITING + 10);
  });
});

describe("the target of a score", () => {
  const FREE = { traceId: "order of a@b.com", observationId: "step of a@b.com", sessionId: "a@b.com" };
  const failing: Mask = () => {
    throw new Error("no");
  };

  test.each<[what: string, mask: Mask, shown: string]>([
    ["is masked where it is a text of the user's", maskWith(emails()), "[email]"],
    ["shows nothing where the mask fails", failing, MASK_FAILED],
  ])("%s", async (_, mask, shown) => {
    const { exporter, tracer } = setUp(mask);
    tracer.score({ name: "helpful", value: 1, ...FREE });
    await tracer.flush();
    expect(JSON.stringify(exporter.scores)).not.toContain("a@b.com");
    expect(exporter.scores[0]!.traceId).toContain(shown);
    expect(exporter.scores[0]!.observationId).toContain(shown);
  });

  test.each<[what: string, mask: Mask]>([
    ["takes all digits", maskWith(rule(/[0-9a-f]+/, "x"))],
    ["fails", failing],
  ])("stays where it is an id of ours, though a mask %s", async (_, mask) => {
    const { exporter, tracer } = setUp(mask);
    const span = tracer.startObservation("span");
    span.score({ name: "helpful", value: 1 });
    await tracer.flush();
    expect(exporter.scores).toMatchObject([{ traceId: span.traceId, observationId: span.id }]);
  });
});

describe("a mask whose answer throws when it is read", () => {
  const thrower = {
    get(): never {
      throw new Error("secret");
    },
    enumerable: true,
    configurable: true,
  };
  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };

  test.each<[what: string, mask: Mask]>([
    ["in a new object", (record) => Object.defineProperty({ ...record }, "input", thrower)],
    ["in the record itself", (record) => Object.defineProperty(record, "input", thrower)],
    [
      "in what it has changed before it throws",
      (record) => {
        Object.defineProperty(record, "input", thrower);
        delete record.name;
        throw new Error("secret");
      },
    ],
    ["later", async (record) => Object.defineProperty({ ...record }, "input", thrower)],
    ["among numbers", (record) => ({ ...record, usageDetails: Object.defineProperty({}, "input", thrower) })],
    ["as a whole", () => revoked() as MaskRecord],
    ["in one tag", (record) => ({ ...record, tags: Object.defineProperty(["a"], "0", thrower) })],
  ])("%s costs the fields and not the record", async (_, mask) => {
    const { exporter, tracer } = setUp(mask);
    tracer
      .startObservation("secret", { input: "secret", usageDetails: { input: 1 } }, { trace: { tags: ["a"] } })
      .end();
    await tracer.flush();
    const [record] = exporter.observations;
    expect(record).toMatchObject({ name: MASK_FAILED, input: JSON.stringify(MASK_FAILED), status: "ok" });
    expect(JSON.stringify(record)).not.toContain("secret");
    expect(tracer.stats()).toMatchObject({ sent: 1, dropped: {}, maskFailed: 1, bytesHeld: 0 });
    await tracer.shutdown();
  });

  test("costs the fields of a score and not the score", async () => {
    const { exporter, tracer } = setUp((record) => Object.defineProperty(record, "value", thrower));
    tracer.score({ name: "secret", value: "secret", traceId: "0".repeat(31) + "1" });
    await tracer.flush();
    expect(exporter.scores).toMatchObject([{ name: MASK_FAILED, value: MASK_FAILED }]);
    await tracer.shutdown();
  });
});
