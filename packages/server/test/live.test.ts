import { describe, expect, it } from "vitest";
import type { SpanwiseServer } from "../src/index.ts";
import { exportOf, span } from "./otlp-messages.ts";
import { hexId } from "./store/fixtures.ts";
import { withServer } from "./with-server.ts";

interface LiveEvent {
  id: string | null;
  name: string;
  data: string | null;
}

async function send(server: SpanwiseServer, traceIds: string[], project = "default"): Promise<void> {
  const spans = traceIds.map((traceId, index) => ({ ...span(index + 1), traceId }));
  const answer = await fetch(`${server.url}/v1/traces?project=${project}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(exportOf(spans)),
  });
  expect([answer.status, await answer.json()]).toEqual([200, {}]);
}

/** Reads events until `enough`, and ends the stream. */
async function listen(
  server: SpanwiseServer,
  query: string,
  lastId: string | null,
  enough: (events: LiveEvent[]) => boolean,
  onOpen: () => Promise<void> = async () => undefined,
): Promise<LiveEvent[]> {
  const abort = new AbortController();
  const headers: Record<string, string> = lastId === null ? {} : { "last-event-id": lastId };
  const answer = await fetch(`${server.url}/api/events?${query}`, { signal: abort.signal, headers });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const events: LiveEvent[] = [];
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let opened = false;
  while (!enough(events)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string): string | null => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? null;
      if (field("id") !== null) events.push({ id: field("id"), name: field("event") ?? "", data: field("data") });
    }
    if (!opened) {
      opened = true;
      await onOpen();
    }
  }
  abort.abort();
  return events;
}

const A = hexId(1, 32);
const B = hexId(2, 32);
const idsOf = (events: LiveEvent[]): string[] =>
  events.flatMap(({ name, data }) =>
    name === "" && data !== null ? (JSON.parse(data) as { traceIds: string[] }).traceIds : [],
  );

describe("live events", () => {
  it("name the traces of the project that changed, or of the one trace", () =>
    withServer({}, async (server) => {
      await fetch(`${server.url}/api/projects`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"name":"shop"}',
      });
      const all = listen(
        server,
        "",
        null,
        (events) => idsOf(events).includes(B),
        async () => {
          await send(server, [A]);
          await send(server, [hexId(3, 32)], "shop");
          await send(server, [B]);
        },
      );
      expect(new Set(idsOf(await all))).toEqual(new Set([A, B]));
      const one = listen(
        server,
        `trace=${B}`,
        null,
        (events) => idsOf(events).length > 0,
        () => send(server, [A, B]),
      );
      expect(idsOf(await one)).toEqual([B]);
    }));

  it("go on after the last one that was seen", () =>
    withServer({}, async (server) => {
      const [first] = await listen(server, "", null, (events) => events.length === 1);
      await send(server, [A]);
      const resumed = await listen(server, "", first?.id ?? null, (events) => idsOf(events).length > 0);
      expect(idsOf(resumed)).toEqual([A]);
      const after = resumed.at(-1)?.id ?? null;
      await send(server, [B]);
      expect(idsOf(await listen(server, "", after, (events) => idsOf(events).length > 0))).toEqual([B]);
      expect(idsOf(await listen(server, `lastEventId=${after}`, null, (events) => idsOf(events).length > 0))).toEqual([
        B,
      ]);
    }));

  it("name no later id than what was told, so that who is cut off in between misses nothing", () =>
    withServer({}, async (server) => {
      const [first] = await listen(server, "", null, (events) => events.length === 1);
      await send(server, [A]);
      const resumed = await listen(server, "", first?.id ?? null, (events) => idsOf(events).length > 0);
      expect(resumed).toMatchObject([{ data: JSON.stringify({ traceIds: [A] }) }]);
      // Nothing of this trace was missed: the present is a good place to go on from.
      const [other] = await listen(server, `trace=${B}`, first?.id ?? null, (events) => events.length === 1);
      expect(other).toMatchObject({ id: resumed[0]?.id, data: null });
    }));

  it("say that something was missed after a restart, or with an id that is none", async () => {
    let last: string | null = null;
    await withServer({}, async (server) => {
      await send(server, [A]);
      last = (await listen(server, "", null, (events) => events.length === 1))[0]?.id ?? null;
    });
    expect(last).not.toBeNull();
    await withServer({}, async (server) => {
      for (const id of [last, "7", "nonsense", "0000-1"]) {
        const events = await listen(server, "", id, (seen) => seen.some(({ name }) => name === "reset"));
        expect(events.at(-1)).toMatchObject({ name: "reset", data: "{}" });
      }
    });
  });

  it("say so to who waits for one trace when a request changes more than are told", () =>
    withServer({}, async (server) => {
      const many = Array.from({ length: 5200 }, (_, index) => hexId(index + 1, 32));
      const events = await listen(
        server,
        `trace=${many.at(-1)}`,
        null,
        (seen) => seen.some(({ name, data }) => name === "reset" || data !== null),
        () => send(server, many),
      );
      expect(events.at(-1)?.name).toBe("reset");
    }));

  it("say so too when more happened than is kept or fits into an event", () =>
    withServer({}, async (server) => {
      const many = Array.from({ length: 2000 }, (_, index) => hexId(index + 1, 32));
      const wide = await listen(
        server,
        "",
        null,
        (seen) => seen.length > 1,
        () => send(server, many),
      );
      expect(wide.at(-1)?.name).toBe("reset");
      const before = wide.at(-1)?.id ?? null;
      for (let round = 0; round < 3; round++) await send(server, many);
      const late = await listen(server, "", before, (seen) => seen.some(({ name }) => name === "reset"));
      expect(late.at(-1)?.name).toBe("reset");
    }));
});
