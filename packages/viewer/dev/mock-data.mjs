// Deterministic traces in the shapes of packages/server/src/api/types.ts, for looking at the viewer without a server.
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

const PRICES = { "gpt-4o": [2.5e-6, 1e-5], "gpt-4o-mini": [1.5e-7, 6e-7], "text-embedding-3-small": [2e-8, 0] };

function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const hex = (seed, digits) => {
  const next = random(seed * 7919 + 13);
  return Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join("");
};

function priced(model, usage) {
  const price = PRICES[model];
  if (price === undefined || usage === null) return null;
  const cost = {};
  for (const [bucket, tokens] of Object.entries(usage)) {
    if (bucket === "total") continue;
    cost[bucket] = tokens * (bucket.startsWith("input") ? price[0] * (bucket.includes("cached") ? 0.5 : 1) : price[1]);
  }
  cost.total = Object.values(cost).reduce((sum, value) => sum + value, 0);
  return cost;
}

class TraceBuilder {
  constructor(seed, startTime, trace) {
    this.seed = seed;
    this.startTime = startTime;
    this.traceId = trace.traceId ?? hex(seed, 32);
    this.trace = trace;
    this.observations = [];
    this.details = new Map();
  }

  add(type, name, parent, startMs, endMs, more = {}) {
    const { input, output, metadata, modelParameters, scores, attributes, ...fields } = more;
    const id = hex(this.seed * 100_003 + this.observations.length, 16);
    const model = fields.model ?? null;
    const usage = fields.usage ?? null;
    const cost = priced(model, usage);
    const summary = {
      id,
      traceId: this.traceId,
      parentId: parent,
      type,
      name,
      startTime: this.startTime + startMs,
      endTime: endMs === null ? null : this.startTime + endMs,
      completionStartTime: null,
      level: fields.status === "error" ? "ERROR" : "DEFAULT",
      status: endMs === null ? "running" : "ok",
      statusMessage: null,
      provider: model === null ? null : "openai",
      cost,
      costSource: cost === null ? null : "computed",
      usageAggregate: false,
      hasInput: input !== undefined,
      hasOutput: output !== undefined,
      ...fields,
      model,
      usage,
    };
    this.observations.push(summary);
    this.details.set(id, {
      ...summary,
      projectId: "default",
      input: input ?? null,
      output: output ?? null,
      metadata: metadata ?? null,
      modelParameters: modelParameters ?? null,
      version: null,
      prompt: null,
      attributes: attributes ?? { "spanwise.request.id": `req_${id.slice(0, 8)}`, "server.address": "api.openai.com" },
      resource: { "service.name": "support-agent", "deployment.environment.name": "production", "process.pid": 4211 },
      scope: { name: "@spanwise/openai", version: "0.1.0" },
      events: [],
      scores: (scores ?? []).map((score) => ({ ...score, traceId: this.traceId, observationId: id })),
    });
    return id;
  }

  build() {
    const root = this.observations[0];
    const counted = this.observations.filter((o) => !o.usageAggregate && o.usage !== null);
    const side = (name) =>
      counted.length === 0
        ? null
        : counted.reduce(
            (sum, o) => sum + Object.entries(o.usage).reduce((s, [k, v]) => (k.startsWith(name) ? s + v : s), 0),
            0,
          );
    const costs = counted.filter((o) => o.cost !== null);
    const isRunning = root.status === "running";
    const end = Math.max(...this.observations.map((o) => o.endTime ?? o.startTime));
    const text = (value) =>
      value === null || value === undefined
        ? null
        : (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 300);
    const rootDetail = this.details.get(root.id);
    return {
      trace: {
        traceId: this.traceId,
        projectId: "default",
        name: root.name,
        userId: null,
        sessionId: null,
        tags: [],
        environment: "production",
        release: null,
        startTime: this.startTime,
        endTime: isRunning ? null : end,
        durationMs: isRunning ? null : end - this.startTime,
        status: root.status,
        observationCount: this.observations.length,
        errorCount: this.observations.filter((o) => o.status === "error").length,
        models: [...new Set(this.observations.map((o) => o.model).filter(Boolean))],
        scores: [],
        inputPreview: text(rootDetail.input),
        outputPreview: text(rootDetail.output),
        inputTokens: side("input"),
        outputTokens: side("output"),
        totalTokens: counted.length === 0 ? null : side("input") + side("output"),
        cost: costs.length === 0 ? null : costs.reduce((sum, o) => sum + o.cost.total, 0),
        costIncomplete: costs.length < counted.length,
        metadata: null,
        public: false,
        version: null,
        ...this.trace,
      },
      observations: this.observations,
      scores: this.trace.scores ?? [],
      details: this.details,
    };
  }
}

const score = (name, dataType, value, comment = null) => ({
  id: `${name}-${value}`,
  projectId: "default",
  name,
  dataType,
  value,
  stringValue: null,
  source: "EVAL",
  comment,
  metadata: null,
  traceId: null,
  observationId: null,
  sessionId: null,
  timestamp: 1_767_000_000_000,
});

const SYSTEM =
  "You are the support agent of Northwind Cycles. Answer from the documents only, cite them, and say so when they do not hold the answer.";
const TOOLS = [
  ["search_orders", "Finds the customer's orders by text or date."],
  ["get_shipping_status", "Tracking status of one order."],
  ["lookup_policy", "A passage of the return policy."],
].map(([name, description]) => ({
  type: "function",
  function: {
    name,
    description,
    parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
  },
}));
const CALLS = [
  {
    id: "call_8Yx1",
    type: "function",
    function: { name: "search_orders", arguments: '{"query":"gravel bike","limit":3}' },
  },
  { id: "call_Q2mF", type: "function", function: { name: "get_shipping_status", arguments: '{"orderId":"NW-20417"}' } },
  { id: "call_7TpL", type: "function", function: { name: "lookup_policy", arguments: '{"topic":"late delivery"}' } },
];
const RESULTS = [
  { orders: [{ id: "NW-20417", item: "Ridgeline gravel bike", placed: "2026-11-09", total: 2149.0 }] },
  { orderId: "NW-20417", status: "in transit", carrier: "DHL", promised: "2026-11-16", expected: "2026-11-24" },
  {
    passage: "Deliveries more than five days late are refunded their shipping cost on request.",
    source: "policy.md#late",
  },
];
const ANSWER = `Your **Ridgeline gravel bike** (order \`NW-20417\`) is on its way, but late.

- Promised for 16 November, now expected on **24 November**
- Carrier: DHL, in transit

As it is more than five days late you can have the shipping cost back; see [the return policy](https://example.com/policy#late). Shall I request the refund?`;

export function ragAgent(seed, startTime, question, extra = {}) {
  const t = new TraceBuilder(seed, startTime, {
    userId: "mira.okafor",
    sessionId: "sess_41f0",
    tags: ["support", "beta"],
    release: "v2.14.0",
    scores: [score("helpful", "BOOLEAN", 1), score("groundedness", "NUMERIC", 0.92, "All claims are cited.")],
    ...extra,
  });
  const history = [
    { role: "system", content: SYSTEM },
    { role: "user", content: "Hi! I ordered a bike from you this month." },
    { role: "assistant", content: "Hello Mira, happy to help. What would you like to know about your order?" },
    { role: "user", content: question },
  ];
  const root = t.add("agent", "support-agent", null, 0, 5_860, { input: { question }, output: ANSWER });
  const retrieve = t.add("retriever", "search-knowledge-base", root, 42, 640, {
    input: { query: question, topK: 4 },
    output: [1, 2, 3].map((n) => ({
      id: `doc-${n}`,
      score: 0.94 - n * 0.07,
      text: `Passage ${n} about deliveries and refunds.`,
    })),
  });
  t.add("embedding", "embed-query", retrieve, 60, 248, {
    model: "text-embedding-3-small",
    usage: { input: 18, total: 18 },
    input: question,
  });
  t.add("span", "vector-search", retrieve, 255, 610, { input: { index: "kb-2026", topK: 4 }, output: { hits: 4 } });
  t.add("guardrail", "pii-check", root, 645, 702, { input: question, output: { passed: true } });
  t.add("generation", "plan", root, 710, 2_010, {
    model: "gpt-4o",
    usage: { input: 412, input_cached_tokens: 1_024, output: 96, total: 1_532 },
    completionStartTime: startTime + 1_290,
    input: { messages: history, tools: TOOLS },
    output: { role: "assistant", content: null, tool_calls: CALLS },
    modelParameters: { temperature: 0.2, tool_choice: "auto", stream: true },
  });
  const tools = t.add("chain", "run-tools", root, 2_020, 3_720, {});
  CALLS.forEach((call, i) =>
    t.add("tool", call.function.name, tools, [2_030, 2_035, 2_041][i], [2_910, 3_700, 2_420][i], {
      input: JSON.parse(call.function.arguments),
      output: RESULTS[i],
      metadata: { attempt: 1, cached: i === 2 },
    }),
  );
  t.add("generation", "answer", root, 3_735, 5_790, {
    model: "gpt-4o",
    usage: { input: 688, input_cached_tokens: 1_024, output: 171, output_reasoning_tokens: 64, total: 1_947 },
    completionStartTime: startTime + 4_300,
    input: {
      messages: [
        ...history,
        { role: "assistant", content: null, tool_calls: CALLS },
        ...CALLS.map((call, i) => ({ role: "tool", tool_call_id: call.id, content: JSON.stringify(RESULTS[i]) })),
      ],
      tools: TOOLS,
    },
    output: {
      role: "assistant",
      reasoning_content: "The delivery is 8 days late, so the policy's passage applies.",
      content: ANSWER,
    },
    modelParameters: { temperature: 0.2, max_tokens: 800, stream: true },
    metadata: { finishReason: "stop", requestId: "req_8f2c", route: { region: "eu-west-1", attempt: 1 } },
    scores: [score("groundedness", "NUMERIC", 0.92, "All claims are cited."), score("helpful", "BOOLEAN", 1)],
  });
  t.add("evaluator", "groundedness", root, 5_795, 5_850, { input: { answer: "…" }, output: { score: 0.92 } });
  return t.build();
}

export function errorTrace(seed, startTime) {
  const t = new TraceBuilder(seed, startTime, { userId: "j.lindqvist", tags: ["nightly"], sessionId: null });
  const root = t.add("chain", "summarise-report", null, 0, 8_420, {
    status: "error",
    statusMessage: "All attempts failed",
    input: { reportId: "Q3-2026" },
  });
  t.add("tool", "load-report", root, 12, 390, {
    input: { reportId: "Q3-2026" },
    output: { pages: 48, bytes: 1_204_551 },
  });
  [400, 2_900, 5_900].forEach((at, i) =>
    t.add("generation", `summarise (attempt ${i + 1})`, root, at, at + [2_300, 2_700, 2_500][i], {
      model: "gpt-4o",
      status: "error",
      statusMessage:
        "RateLimitError: 429 Rate limit reached for gpt-4o in organization org-northwind on tokens per min (TPM): Limit 30000, Used 29120, Requested 4810.\n    at APIError.generate (node_modules/openai/src/core/error.ts:72:14)\n    at OpenAI.makeRequest (node_modules/openai/src/client.ts:631:19)\n    at summarise (src/report.ts:41:20)",
      input: [{ role: "user", content: "Summarise the report in five points." }],
    }),
  );
  t.add("span", "audit-log", hex(999, 16), 8_300, 8_390, { output: { written: true } });
  return t.build();
}

export function runningTrace(seed, startTime) {
  const t = new TraceBuilder(seed, startTime, { userId: "ana", tags: ["batch"] });
  const root = t.add("agent", "research-agent", null, 0, null, {
    input: { topic: "Solid-state batteries in 2026" },
    hasInput: true,
  });
  t.add("generation", "outline", root, 30, 1_900, {
    model: "gpt-4o-mini",
    usage: { input: 220, output: 310, total: 530 },
    completionStartTime: startTime + 520,
    input: "Outline a report.",
    output: "1. Chemistry\n2. Makers\n3. Cost",
  });
  t.add("tool", "web-search", root, 1_950, 3_300, { input: { query: "solid-state 2026" }, output: { results: 8 } });
  t.add("generation", "draft", root, 3_400, null, { model: "gpt-4o" });
  return t.build();
}

export function largeTrace(seed, startTime, count = 5_000) {
  const t = new TraceBuilder(seed, startTime, { tags: ["eval-run"], userId: "ci" });
  const next = random(seed);
  const root = t.add("agent", "evaluate-dataset", null, 0, count * 40 + 500, {
    input: { dataset: "support-500" },
    output: { passed: 471, failed: 29 },
  });
  let item = root;
  for (let i = 1; i < count; i++) {
    const at = i * 40;
    if (i % 10 === 1) {
      item = t.add("chain", `item-${Math.ceil(i / 10)}`, root, at, at + 410 + next() * 300, { input: { item: i } });
      continue;
    }
    const isModel = i % 3 === 0;
    const failed = i % 487 === 0;
    t.add(
      isModel ? "generation" : "tool",
      isModel ? "judge" : "fetch-context",
      item,
      at + next() * 60,
      at + 80 + next() * 320,
      {
        ...(isModel
          ? { model: "gpt-4o-mini", usage: { input: 300 + Math.floor(next() * 200), output: 40, total: 480 } }
          : {}),
        ...(failed ? { status: "error", statusMessage: "TimeoutError: no answer within 10 s" } : {}),
        input: { index: i },
        output: { ok: !failed },
      },
    );
  }
  return t.build();
}

export function hostileTrace(seed, startTime) {
  const t = new TraceBuilder(seed, startTime, {
    name: '<img src=x onerror="alert(1)">',
    userId: "<script>alert(1)</script>",
    tags: ["‮gnitset", "a".repeat(80)],
  });
  const root = t.add("span", "<b>bold?</b>", null, 0, 900, {
    input: "<script>alert(1)</script>",
    output: "![x](https://example.com/track.png) [click](javascript:alert(1))",
  });
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`key-${i}`, { i, text: "x".repeat(50) }]));
  t.add("generation", "unpriced", root, 20, 800, {
    model: "some-local-model",
    usage: { input: 10, output: 20, total: 30 },
    input: [
      {
        role: "user",
        content: [
          {
            type: "text",
            text: "What is in this picture? [safe](https://example.com) [unsafe](javascript:alert(1)) <iframe src='https://example.com'>",
          },
          { type: "image_url", image_url: { url: "https://example.com/cat.png" } },
          {
            type: "image_url",
            image_url: {
              url: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC",
            },
          },
          { type: "hologram", data: { unknown: true } },
        ],
      },
    ],
    output: { role: "assistant", content: "A **red** square.\n```html\n<script>alert(1)</script>\n```" },
    metadata: many,
  });
  t.add("event", "clock-skew", root, -120, 40, {});
  return t.build();
}

/** Bytes by id, as the server keeps them. */
export const MEDIA = new Map();

/** The id is that of the SDK: from the content. */
function keepMedia(contentType, bytes) {
  const id = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  MEDIA.set(id, { contentType, bytes });
  return `@@@langfuseMedia:type=${contentType}|id=${id}|source=base64_data_uri@@@`;
}

/** A second of a quiet 440 Hz tone: 8 kHz, 8 bit, mono. */
function tone() {
  const samples = Buffer.from(
    Array.from({ length: 8_000 }, (_, i) => 128 + 40 * Math.sin((i * 440 * Math.PI * 2) / 8_000)),
  );
  const head = Buffer.alloc(44);
  head.write("RIFF");
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** A PNG of stripes, made here so that no binary lies in the repository. */
function stripes(width, height) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows.set((x + y) % 60 < 30 ? [11, 116, 128] : [216, 237, 238], y * (width * 3 + 1) + 1 + x * 3);
    }
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** `zlib.crc32` is not in Node 20. */
function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}

/** Attachments of every sort, one that never arrived, scores and metadata of the whole trace, and a value that was cut. */
export function mediaTrace(seed, startTime) {
  const image = keepMedia("image/png", stripes(640, 360));
  const t = new TraceBuilder(seed, startTime, {
    userId: "mira.okafor",
    tags: ["support", "vision", "beta", "eu"],
    sessionId: "sess_88c1",
    metadata: { experiment: "vision-7", dataset: { name: "damage-reports", item: 12 } },
    scores: [
      { ...score("damage-found", "BOOLEAN", 1, "The frame is bent."), metadata: { judge: "gpt-4o", votes: [1, 1, 0] } },
      score("clarity", "NUMERIC", 0.7, "Two of three photographs are blurred."),
    ],
  });
  const root = t.add("agent", "inspect-damage", null, 0, 3_200, {
    input: { report: "NW-31", photo: image, note: "x".repeat(200) },
    output: `See ${image} for the marked area.`,
    metadata: { attempt: 1 },
    attributes: { "spanwise.truncated": ["input"] },
  });
  t.add("generation", "look", root, 100, 2_900, {
    model: "gpt-4o",
    usage: { input: 1_180, output: 64, total: 1_244 },
    input: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is broken, and does the recording say how it happened?" },
          { type: "image_url", image_url: { url: image } },
          { type: "input_audio", input_audio: { data: keepMedia("audio/wav", tone()), format: "wav" } },
          {
            type: "file",
            file: {
              filename: "report.pdf",
              file_data: keepMedia("application/pdf", Buffer.from("%PDF-1.4\n%%EOF\n")),
            },
          },
          {
            type: "image_url",
            image_url: { url: "@@@langfuseMedia:type=image/png|id=neverArrived0123456789|source=bytes@@@" },
          },
        ],
      },
    ],
    output: { role: "assistant", content: "The fork is bent." },
    scores: [score("groundedness", "NUMERIC", 0.81, "One claim has no source.")],
  });
  return t.build();
}

const NAMES = ["support-agent", "classify-ticket", "extract-invoice", "translate", "sql-assistant", "summarise-call"];
const QUESTIONS = [
  "Where is my gravel bike? It was promised for last Monday.",
  "Classify: the app crashes when I open the settings page",
  "Invoice 2026-1187 from Hartmann GmbH, 14 positions",
  "Translate the release notes into Portuguese",
  "Which customers bought twice in October but not in November?",
  "Summarise the call with Dr. Weiss about the pilot",
];

/** A page-filling list, newest first, with a row of every sort. */
export function generateTraces(nowMs) {
  const traces = [
    runningTrace(1, nowMs - 9_000),
    ragAgent(2, nowMs - 48_000, QUESTIONS[0]),
    errorTrace(3, nowMs - 4 * 60_000),
    hostileTrace(4, nowMs - 7 * 60_000),
    largeTrace(5, nowMs - 26 * 60_000),
    mediaTrace(6, nowMs - 28 * 60_000),
  ];
  const next = random(42);
  for (let i = 0; i < 160; i++) {
    const kind = i % NAMES.length;
    const t = new TraceBuilder(100 + i, nowMs - (30 + i * 11 + next() * 6) * 60_000, {
      userId: ["mira.okafor", "j.lindqvist", "ana", null][Math.floor(next() * 4)],
      sessionId: i % 4 === 0 ? `sess_${hex(i, 4)}` : null,
      tags: i % 3 === 0 ? ["prod"] : i % 5 === 0 ? ["prod", "eu"] : [],
      scores: i % 7 === 0 ? [score("helpful", "BOOLEAN", i % 2)] : [],
    });
    const duration = 300 + next() ** 3 * 9_000;
    const failed = i % 13 === 5;
    const model = ["gpt-4o", "gpt-4o-mini", "mistral-local"][Math.floor(next() * 3)];
    const root = t.add("chain", NAMES[kind], null, 0, duration, {
      input: { messages: [{ role: "user", content: QUESTIONS[kind] }] },
      output: "Done.",
      ...(failed ? { status: "error", statusMessage: "ValidationError: field total is missing" } : {}),
    });
    t.add("generation", "complete", root, 20, duration - 20, {
      model,
      usage: { input: 200 + Math.floor(next() * 4_000), output: 30 + Math.floor(next() * 900), total: 900 },
      input: [{ role: "user", content: QUESTIONS[kind] }],
      output: { role: "assistant", content: "Done." },
    });
    traces.push(t.build());
  }
  return traces;
}
