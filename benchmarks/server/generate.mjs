// Agent runs as applications send them: a root with a question, a plan by a model, a retrieval, a tool and an answer; inputs of a
// kilobyte of prose. A part of them are turns of conversations that carry all of their history. The same seed gives the same runs.

const SYLLABLES =
  "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo za bra cle dri fro gru pla ske tri sto".split(" ");
const MODELS = ["gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet-20241022", "gemini-1.5-pro"];
const TOOLS = ["get_weather", "query_orders", "send_email", "calculate", "lookup_customer"];
const REGIONS = ["eu", "us", "apac"];

export const SPANS_PER_TRACE = 5;
/** A word that stands in one trace of the whole: what the search for a rare word looks for. */
export const rareWord = (trace) => `quetzal${trace.toString(36)}`;

function createRandom(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** 20 000 words; those in front are used most, as in a language. */
const WORDS = (() => {
  const random = createRandom(7);
  const words = new Set();
  while (words.size < 20_000) {
    const count = 1 + Math.floor(random() * 4);
    words.add(Array.from({ length: count }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join(""));
  }
  return [...words];
})();

/** Words that stand in nearly every run, and in every fourth or so. */
export const COMMON_WORD = WORDS[0];
export const MIDDLING_WORD = WORDS[200];

/** Made once: the clients share the machine with the server, and are to take little of it. */
const SENTENCES = (() => {
  const random = createRandom(11);
  return Array.from({ length: 20_000 }, () => {
    const words = Array.from(
      { length: 6 + Math.floor(random() * 12) },
      () => WORDS[Math.floor(WORDS.length * random() ** 4)],
    );
    const text = words.join(" ");
    return `${text[0].toUpperCase()}${text.slice(1)}. `;
  });
})();

function prose(random, chars) {
  let text = "";
  while (text.length < chars) text += SENTENCES[Math.floor(random() * SENTENCES.length)];
  return text.slice(0, chars);
}

const hex = (value, digits) => value.toString(16).padStart(digits, "0");

/** Ids look random, as an SDK's: their order says nothing about time. */
function scatter(value) {
  let mixed = Math.imul(value ^ (value >>> 16), 0x45d9f3b) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b) >>> 0;
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * One run of five spans, parents last, as they end.
 *
 * @param number counts the runs; it decides everything about this one.
 * @param start epoch milliseconds.
 */
export function createTrace(number, start) {
  const random = createRandom(scatter(number + 1));
  const traceId = hex(scatter(number), 8) + hex(scatter(number ^ 0x5bd1e995), 8) + hex(number, 16);
  const id = (index) => hex(scatter(number * SPANS_PER_TRACE + index), 8) + hex(number * SPANS_PER_TRACE + index, 8);
  const model = MODELS[Math.floor(random() ** 2 * MODELS.length)];
  const tool = TOOLS[Math.floor(random() * TOOLS.length)];
  const failed = random() < 0.03;
  const user = `user-${Math.floor(random() * 5000)}`;
  // Every fourth run is a turn of a conversation of ten.
  const isTurn = number % 4 === 0;
  const conversation = Math.floor(number / 40);
  const turn = Math.floor(number / 4) % 10;
  const session = isTurn ? `session-${conversation}` : `single-${number}`;
  const question = `${rareWord(number)} ${prose(random, 1000)}`;
  const answer = prose(random, 300);
  const trace = [
    ["langfuse.trace.name", isTurn ? "chat" : "research"],
    ["user.id", user],
    ["session.id", session],
    ["langfuse.trace.metadata.region", REGIONS[Math.floor(random() * 3)]],
  ];
  const usage = (input, output) => [
    ["gen_ai.usage.input_tokens", input],
    ["gen_ai.usage.output_tokens", output],
  ];
  const io = (input, output) => [
    ["langfuse.observation.input", input],
    ["langfuse.observation.output", output],
  ];
  const kind = (type) => ["langfuse.observation.type", type];
  const messages = isTurn ? history(conversation, turn, question) : [system(), { role: "user", content: question }];
  const duration = 400 + random() ** 3 * 8000;
  const at = (part) => start + duration * part;
  const parentId = id(0);
  const span = (index, name, from, to, attributes, error = null) => ({
    traceId,
    id: id(index),
    parentId: index === 0 ? null : parentId,
    name,
    start: at(from),
    end: at(to),
    attributes: [...trace, ...attributes],
    error,
  });
  return [
    span(1, "plan", 0.02, 0.25, [
      kind("generation"),
      ["gen_ai.response.model", model],
      ...io(JSON.stringify(messages), JSON.stringify({ role: "assistant", content: prose(random, 200) })),
      ...usage(400 + turn * 300, 60),
      ["langfuse.observation.completion_start_time", new Date(at(0.08)).toISOString()],
    ]),
    span(2, "retrieve_documents", 0.26, 0.4, [
      kind("retriever"),
      ...io(prose(random, 1000), JSON.stringify([{ page: Math.floor(random() * 500), text: prose(random, 200) }])),
    ]),
    span(
      3,
      tool,
      0.41,
      0.55,
      [
        kind("tool"),
        ...io(JSON.stringify({ order: number, note: prose(random, 1000) }), failed ? "" : prose(random, 120)),
      ],
      failed ? `ToolError: ${tool} did not answer` : null,
    ),
    span(4, "answer", 0.56, 0.98, [
      kind("generation"),
      ["gen_ai.response.model", model],
      ...io(
        JSON.stringify([...messages, { role: "tool", content: prose(random, 200) }]),
        JSON.stringify({ role: "assistant", content: answer }),
      ),
      ...usage(700 + turn * 300, 120),
      ["langfuse.observation.completion_start_time", new Date(at(0.62)).toISOString()],
    ]),
    span(0, isTurn ? "chat" : "research", 0, 1, [kind("agent"), ...io(question, answer)]),
  ];
}

function system() {
  return {
    role: "system",
    content:
      "You are a careful assistant of a shop. Answer briefly, cite what you found, and say when you do not know.",
  };
}

/** All turns before this one, to the letter as they were sent then. */
function history(conversation, turn, question) {
  const messages = [system()];
  for (let index = 0; index < turn; index++) {
    const random = createRandom(scatter(conversation * 1000 + index + 17));
    messages.push({ role: "user", content: prose(random, 1000) }, { role: "assistant", content: prose(random, 300) });
  }
  return [...messages, { role: "user", content: question }];
}
