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

export interface Keys {
  publicKey: string;
  secretKey: string;
}

/** Where the traces go to. `keys: null`: the server asks for none and takes any. */
interface SetupTarget {
  origin: string;
  keys: Keys | null;
}

/** What stands where a key has to be put in, and for SDKs that do not start without one. */
const PLACEHOLDER_KEYS: Keys = { publicKey: "pk-local", secretKey: "sk-local" };

/** The ways to send a trace to this very server. `nowMs` makes the curl example's span recent. */
export function setupGuides(origin: string, nowMs: number, keys: Keys | null = null): SetupGuide[] {
  const target = { origin, keys };
  return [
    openAiGuide(target),
    langChainGuide(target),
    llamaIndexGuide(target),
    coreGuide(target),
    langfuseGuide(target),
    aiSdkGuide(target),
    otelGuide(target),
    curlGuide(target, nowMs),
  ];
}

function environment(prefix: string, { origin, keys }: SetupTarget): SetupStep {
  const lines = [`export ${prefix}_BASE_URL=${origin}`];
  const needed = keys ?? (prefix === "LANGFUSE" ? PLACEHOLDER_KEYS : null);
  if (needed !== null) {
    lines.push(`export ${prefix}_PUBLIC_KEY=${needed.publicKey}`, `export ${prefix}_SECRET_KEY=${needed.secretKey}`);
  }
  return { title: "Point it here", code: lines.join("\n") };
}

function openAiGuide(target: SetupTarget): SetupGuide {
  return {
    id: "openai",
    label: "OpenAI",
    steps: [
      { title: "Install", code: "npm i @spanwise/core @spanwise/openai openai" },
      environment("SPANWISE", target),
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
    note: "Works with Azure OpenAI and every provider that speaks OpenAI's protocol.",
  };
}

function langChainGuide(target: SetupTarget): SetupGuide {
  return {
    id: "langchain",
    label: "LangChain",
    steps: [
      { title: "Install", code: "npm i @spanwise/core @spanwise/langchain" },
      environment("SPANWISE", target),
      {
        title: "Hand the handler over",
        code: [
          'import { CallbackHandler } from "@spanwise/langchain";',
          "",
          "const handler = new CallbackHandler();",
          'await agent.invoke({ messages }, { callbacks: [handler], configurable: { thread_id: "chat-42" } });',
        ].join("\n"),
      },
    ],
    note: "LangGraph too: its thread_id becomes the session. CallbackHandler.registerGlobally() traces every run of the process.",
  };
}

function llamaIndexGuide(target: SetupTarget): SetupGuide {
  return {
    id: "llamaindex",
    label: "LlamaIndex",
    steps: [
      { title: "Install", code: "npm i @spanwise/core @spanwise/llamaindex" },
      environment("SPANWISE", target),
      {
        title: "Instrument the modules that you use",
        code: [
          'import { instrumentLlamaIndex } from "@spanwise/llamaindex";',
          'import * as openai from "@llamaindex/openai";',
          'import * as workflow from "@llamaindex/workflow";',
          'import * as llamaindex from "llamaindex";',
          "",
          "instrumentLlamaIndex({ llamaindex, workflow, openai });",
        ].join("\n"),
      },
    ],
    note: "Queries, chat engines, retrievers, embeddings, tools and agents of LlamaIndex.TS 0.11 and 0.12.",
  };
}

function coreGuide(target: SetupTarget): SetupGuide {
  return {
    id: "sdk",
    label: "Your own code",
    steps: [
      { title: "Install", code: "npm i @spanwise/core" },
      environment("SPANWISE", target),
      {
        title: "Observe a function",
        code: [
          'import { observe, propagateAttributes } from "@spanwise/core";',
          "",
          'const answer = observe(async (question: string) => "…", { name: "answer", type: "agent" });',
          'await propagateAttributes({ userId: "ana", sessionId: "chat-42" }, () => answer("Why?"));',
        ].join("\n"),
      },
    ],
    note: "User and session are what the Users and Sessions pages sum up.",
  };
}

function langfuseGuide(target: SetupTarget): SetupGuide {
  return {
    id: "langfuse",
    label: "Langfuse SDK",
    steps: [environment("LANGFUSE", target)],
    note: "For the Langfuse SDKs of JavaScript and Python, of all generations. Nothing else changes in your code; older ones read LANGFUSE_HOST.",
  };
}

function aiSdkGuide(target: SetupTarget): SetupGuide {
  return {
    id: "ai-sdk",
    label: "Vercel AI SDK",
    steps: [
      ...otelSteps(target),
      {
        title: "AI SDK 7",
        code: [
          'import { OpenTelemetry } from "@ai-sdk/otel";',
          'import { registerTelemetry } from "ai";',
          "",
          "registerTelemetry(new OpenTelemetry());",
          'await generateText({ model, prompt, telemetry: { isEnabled: true, functionId: "answer" } });',
        ].join("\n"),
      },
      {
        title: "AI SDK 4 to 6",
        code: 'await generateText({ model, prompt, experimental_telemetry: { isEnabled: true, functionId: "answer" } });',
      },
    ],
    note: "The AI SDK makes OpenTelemetry spans: any tracer provider that exports over OTLP/HTTP brings them here.",
  };
}

function otelGuide(target: SetupTarget): SetupGuide {
  return {
    id: "otlp",
    label: "OpenTelemetry",
    steps: otelSteps(target),
    note: "GenAI semantic conventions, OpenInference, Traceloop and Vercel AI SDK attributes are understood. OTLP over HTTP, not gRPC.",
  };
}

function otelSteps({ origin, keys }: SetupTarget): SetupStep[] {
  const lines = [`export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}`, "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"];
  // Values of this variable are percent-encoded: https://opentelemetry.io/docs/specs/otel/protocol/exporter
  if (keys !== null) lines.push(`export OTEL_EXPORTER_OTLP_HEADERS=Authorization=${encodeURIComponent(basic(keys))}`);
  return [{ title: "Any OpenTelemetry SDK, over OTLP/HTTP", code: lines.join("\n") }];
}

function curlGuide(target: SetupTarget, nowMs: number): SetupGuide {
  return {
    id: "curl",
    label: "curl",
    steps: [{ title: "One span, by hand", code: curlExample(target, nowMs) }],
    note: "This is plain OTLP/JSON: what any exporter sends.",
  };
}

function curlExample({ origin, keys }: SetupTarget, nowMs: number): string {
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
  const user = keys === null ? "" : ` -u ${keys.publicKey}:${keys.secretKey}`;
  return `curl ${origin}/v1/traces${user} -H 'content-type: application/json' -d '${body}'`;
}

function basic({ publicKey, secretKey }: Keys): string {
  return `Basic ${btoa(`${publicKey}:${secretKey}`)}`;
}

function randomHex(digits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
