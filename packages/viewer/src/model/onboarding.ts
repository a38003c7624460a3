export interface SetupStep {
  title: string;
  code: string;
}

export interface SetupGuide {
  id: string;
  label: string;
  steps: SetupStep[];
  note: string;
}

/** The ways to send a first trace to this very server. `nowMs` makes the curl example's span recent. */
export function setupGuides(origin: string, nowMs: number): SetupGuide[] {
  return [
    {
      id: "sdk",
      label: "Spanwise SDK",
      steps: [
        { title: "Install", code: "npm i @spanwise/core @spanwise/openai openai" },
        { title: "Point it here", code: `export SPANWISE_BASE_URL=${origin}` },
        {
          title: "Observe the client",
          code: [
            'import OpenAI from "openai";',
            'import { observeOpenAI } from "@spanwise/openai";',
            "",
            "const client = observeOpenAI(new OpenAI());",
            'const messages = [{ role: "user" as const, content: "Say hello." }];',
            'await client.chat.completions.create({ model: "gpt-4o-mini", messages });',
          ].join("\n"),
        },
      ],
      note: "LangChain.js and LlamaIndex.TS have adapters of their own: @spanwise/langchain and @spanwise/llamaindex.",
    },
    {
      id: "otlp",
      label: "OpenTelemetry",
      steps: [
        {
          title: "Any OpenTelemetry SDK, over OTLP/HTTP",
          code: [
            `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}`,
            "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
          ].join("\n"),
        },
      ],
      note: "GenAI semantic conventions, OpenInference, Traceloop and Vercel AI SDK attributes are understood.",
    },
    {
      id: "curl",
      label: "curl",
      steps: [{ title: "One span, by hand", code: curlExample(origin, nowMs) }],
      note: "This is plain OTLP/JSON: what any exporter sends.",
    },
  ];
}

function curlExample(origin: string, nowMs: number): string {
  const span = {
    traceId: randomHex(32),
    spanId: randomHex(16),
    name: "hello",
    kind: 1,
    startTimeUnixNano: `${Math.floor(nowMs)}000000`,
    endTimeUnixNano: `${Math.floor(nowMs) + 420}000000`,
    attributes: [
      { key: "gen_ai.operation.name", value: { stringValue: "chat" } },
      { key: "gen_ai.request.model", value: { stringValue: "gpt-4o-mini" } },
      { key: "gen_ai.usage.input_tokens", value: { intValue: "12" } },
      { key: "gen_ai.usage.output_tokens", value: { intValue: "8" } },
    ],
  };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }, null, 1)
    .replace(/\n\s*/g, " ")
    .replace(/ ?(\{ "key")/g, "\n  $1");
  return `curl ${origin}/v1/traces -H 'content-type: application/json' -d '${body}'`;
}

function randomHex(digits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
