import { expect, it } from "vitest";
import type { ServerStatus } from "../src/api/settings.ts";
import type { ObservationDetail, TraceDetail } from "../src/index.ts";
import { decodeOtlpJson } from "../src/ingest/otlp-json.ts";
import { MAX_SPAN_PARTS } from "../src/ingest/span-parts.ts";
import { NOW_NANOS, attribute, decodeResponse, exportOf, span, toProtobuf } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

const SENT = MAX_SPAN_PARTS + 2500;
const LINK = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };

/** The last event tells what ended the span. */
function crowded(): ReturnType<typeof exportOf> {
  const events = Array.from({ length: SENT }, (_, index) => ({
    name: index === SENT - 1 ? "exception" : `event ${index}`,
    timeUnixNano: String(NOW_NANOS),
    attributes: index === SENT - 1 ? [attribute("exception.message", "gave up")] : [],
  }));
  const links = Array.from({ length: SENT }, (_, index) => ({ ...LINK, traceState: `n=${index}` }));
  const status = { code: 2 };
  return exportOf([span(1, {}, { events, links, status, droppedEventsCount: 7 }), span(2)]);
}

const KEPT = [...Array(9000).keys(), ...Array.from({ length: 1000 }, (_, index) => SENT - 1000 + index)];

it.each(["json", "protobuf"])(
  "of too many events and links in %s the first and the last are kept, and it is said so",
  (encoding) =>
    withServer({}, async (server) => {
      const isJson = encoding === "json";
      const answer = await fetch(`${server.url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": isJson ? "application/json" : "application/x-protobuf" },
        body: isJson ? JSON.stringify(crowded()) : new Uint8Array(toProtobuf(crowded())),
      });
      expect(answer.status).toBe(200);
      const bytes = Buffer.from(await answer.arrayBuffer());
      const { partialSuccess } = isJson
        ? (JSON.parse(bytes.toString()) as ReturnType<typeof decodeResponse>)
        : decodeResponse(bytes);
      expect(partialSuccess?.errorMessage).toBe(
        'span "span 1": 2500 events and 2500 links were left out, of each the first 9000 and the last 1000 are kept',
      );
      expect(Number(partialSuccess?.rejectedSpans ?? 0)).toBe(0);

      const status = (await (await fetch(`${server.url}/api/status`)).json()) as ServerStatus;
      expect(status.ingest.cutParts).toBe(5000);
      const read = await fetch(`${server.url}/api/traces/${span(1).traceId}/observations/${span(1).spanId}`);
      const detail = (await read.json()) as ObservationDetail;
      expect(detail.events.map(({ name }) => name)).toEqual(
        KEPT.map((index) => (index === SENT - 1 ? "exception" : `event ${index}`)),
      );
      expect(detail.statusMessage).toBe("gave up");
      expect(detail.span?.links?.map(({ traceState }) => traceState)).toEqual(KEPT.map((index) => `n=${index}`));
      expect(detail.span).toMatchObject({ droppedEventsCount: 2507, droppedLinksCount: 2500 });
    }),
);

it("a conversation of a thousand messages as events is whole", () => {
  const events = Array.from({ length: 1000 }, (_, index) => ({
    name: index % 2 === 0 ? "gen_ai.user.message" : "gen_ai.assistant.message",
    timeUnixNano: String(NOW_NANOS),
    attributes: [attribute("content", `turn ${index}`)],
  }));
  const decoded = decodeOtlpJson(Buffer.from(JSON.stringify(exportOf([span(1, {}, { events })]))));
  expect(decoded).toMatchObject({ cutParts: 0, reason: null, spans: [{ droppedEventsCount: 0 }] });
  expect(decoded.spans[0]?.events).toHaveLength(1000);
});

it("a value of a resource that is no name is not read into each of its spans", () =>
  withServer({}, async (server) => {
    const metadata = JSON.stringify({ long: "x".repeat(2000) });
    const resource = { "langfuse.trace.metadata": metadata, "langfuse.environment": "staging" };
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(exportOf([span(1)], resource)),
    };
    expect((await fetch(`${server.url}/v1/traces`, init)).status).toBe(200);
    const { trace } = (await (await fetch(`${server.url}/api/traces/${span(1).traceId}`)).json()) as TraceDetail;
    expect(trace).toMatchObject({ environment: "staging", metadata: null });
    const read = await fetch(`${server.url}/api/traces/${span(1).traceId}/observations/${span(1).spanId}`);
    expect(((await read.json()) as ObservationDetail).resource).toEqual(resource);
  }));

it("a scope with thousands of attributes is not written out for each of its spans", () =>
  withServer({}, async (server) => {
    const message = exportOf([span(1), span(2)]);
    const attributes = Array.from({ length: 3000 }, (_, index) => attribute(`key ${index}`, "value"));
    Object.assign(message.resourceSpans[0]?.scopeSpans[0]?.scope ?? {}, { attributes });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(message) };
    expect((await fetch(`${server.url}/v1/traces`, init)).status).toBe(200);
    const read = await fetch(`${server.url}/api/traces/${span(1).traceId}/observations/${span(1).spanId}`);
    const { span: facts } = (await read.json()) as ObservationDetail;
    expect(facts?.scopeAttributes).toBeUndefined();
    expect(facts?.droppedScopeAttributesCount).toBe(3000);
    const line = (await (await fetch(`${server.url}/api/export?format=otlp`)).text()).split("\n")[0] ?? "";
    expect(line).toContain('"attributes":[],"droppedAttributesCount":3000}');
  }));
