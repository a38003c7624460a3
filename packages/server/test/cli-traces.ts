import { attribute, exportOf, span } from "./otlp-messages.ts";
import { hexId } from "./store/fixtures.ts";

export const A = hexId(10, 32);
export const B = hexId(11, 32);

export function makeTrace(traceId: string): ReturnType<typeof exportOf> {
  const model = [
    attribute("gen_ai.operation.name", "chat"),
    attribute("gen_ai.request.model", "gpt-4o"),
    attribute("gen_ai.usage.input_tokens", 1000),
    attribute("gen_ai.usage.output_tokens", 100),
    attribute("langfuse.observation.input", "why ```so```?"),
  ];
  const root = { ...span(1), traceId, name: "root\u001b[31m" };
  const child = { ...span(2), traceId, parentSpanId: root.spanId, name: "call", attributes: model };
  return exportOf([root, child]);
}

export function now(daysAgo = 0): { startTimeUnixNano: string; endTimeUnixNano: string } {
  const nanos = BigInt(Date.now() - daysAgo * 86_400_000) * 1_000_000n;
  return { startTimeUnixNano: String(nanos), endTimeUnixNano: String(nanos + 5_000_000n) };
}
