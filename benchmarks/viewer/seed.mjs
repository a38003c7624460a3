/** What is looked at: traces sent to the real server as programs send them. */
import { createTracer } from "@spanwise/core";

const PAYLOAD_MESSAGES = 4_000;
/** The last one of them. */
export const LAST_MESSAGE = `message ${PAYLOAD_MESSAGES - 1}`;
const SMALL_TRACES = 300;
const STEP_MS = 40;

/** @returns the ids of the traces */
export async function seed(origin) {
  const tracer = createTracer({ baseUrl: origin });
  for (let i = 0; i < SMALL_TRACES; i++) sendSmall(tracer, i);
  const large = sendLarge(tracer, 10_000);
  await flush(tracer);
  const larger = sendLarge(tracer, 50_000);
  await flush(tracer);
  await tracer.shutdown({ timeoutMs: 10_000 });
  return { large, larger, ...(await sendPayload(origin)) };
}

async function flush(tracer) {
  const { failed, dropped, pending } = await tracer.flush({ timeoutMs: 180_000 });
  if (failed + dropped + pending > 0)
    throw new Error(`not sent: ${failed} failed, ${dropped} dropped, ${pending} left`);
}

function sendSmall(tracer, number) {
  const startTime = Date.now() - (SMALL_TRACES - number) * 60_000;
  const trace = { traceName: "answer", userId: `user-${number % 20}`, sessionId: `session-${number % 60}` };
  const root = tracer.startObservation(
    "answer",
    { input: { question: `How is order ${number}?` } },
    { type: "agent", parent: null, startTime, trace },
  );
  const call = root.generation(
    "gpt-4o",
    { model: "gpt-4o", input: [{ role: "user", content: `Order ${number}?` }] },
    { startTime },
  );
  call.end(
    { output: { role: "assistant", content: "It is on its way." }, usageDetails: { input: 400 + number, output: 20 } },
    { endTime: startTime + 900 + number },
  );
  if (number % 10 === 0) root.scoreTrace({ name: "helpful", value: number % 20 === 0 ? 1 : 0, dataType: "BOOLEAN" });
  root.end({ output: "It is on its way." }, { endTime: startTime + 1000 + number });
}

/** One root, items below it, nine steps in each. */
function sendLarge(tracer, observations) {
  const startTime = Date.now() - observations * STEP_MS;
  const root = tracer.startObservation(`large ${observations}`, {}, { type: "agent", parent: null, startTime });
  let item = root;
  for (let i = 1; i < observations; i++) {
    const at = startTime + i * STEP_MS;
    const isItem = i % 10 === 1;
    const options = { startTime: at };
    const made = isItem ? root.chain(`item ${i}`, {}, options) : item.tool("fetch", { input: { i } }, options);
    made.end({ output: { ok: true } }, { endTime: at + (isItem ? 400 : 30 + (i % 7) * STEP_MS) });
    if (isItem) item = made;
  }
  root.end({}, { endTime: startTime + observations * STEP_MS });
  return root.traceId;
}

/** By hand: the SDK cuts values of this size before it sends them. */
async function sendPayload(origin) {
  const messages = Array.from({ length: PAYLOAD_MESSAGES }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: `message ${i} ${"lorem ipsum dolor ".repeat(290)}`,
  }));
  const input = JSON.stringify({ messages });
  const payload = "b".repeat(32);
  await sendSpan(origin, {
    traceId: payload,
    spanId: "b".repeat(16),
    name: "payload",
    attributes: [
      { key: "langfuse.observation.type", value: { stringValue: "generation" } },
      { key: "langfuse.observation.input", value: { stringValue: input } },
    ],
  });
  return { payload, payloadBytes: input.length };
}

/** A span that has just ended, as OTLP/JSON. */
export async function sendSpan(origin, fields) {
  const now = Date.now();
  const span = { kind: 1, startTimeUnixNano: `${now - 1_000}000000`, endTimeUnixNano: `${now}000000`, ...fields };
  const response = await fetch(`${origin}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}
