/** OpenAI's answers without a network: a `fetch` that answers at once, with the marker of the request's event in the answer. */
import { outputMarker } from "./markers.mjs";

const sentence = "The quick brown fox jumps over the lazy dog while the band plays on in the rain. ";
const paragraph = sentence.repeat(12);
const usage = { prompt_tokens: 600, completion_tokens: 250, total_tokens: 850 };
const shared = {
  id: "chatcmpl-bench",
  created: 1_700_000_000,
  model: "gpt-4o-2024-08-06",
  system_fingerprint: "fp_bench",
};

export function chatRequest(event, inputMarker) {
  return {
    model: "gpt-4o",
    temperature: 0.2,
    messages: [
      { role: "system", content: paragraph },
      { role: "user", content: `${inputMarker(event)} ${paragraph}` },
    ],
  };
}

/** The event's number in the request: a search is cheaper than parsing, and every candidate pays for it. */
function eventOf(body) {
  const start = body.indexOf("inq") + 3;
  return body.slice(start, body.indexOf("q", start));
}

export async function answerChat(_url, { body }) {
  const message = { role: "assistant", content: `${outputMarker(eventOf(body))} ${paragraph}`, refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: "stop" }];
  return Response.json({ ...shared, object: "chat.completion", choices, usage });
}

const encoder = new TextEncoder();
const event = (data) => `data: ${JSON.stringify(data)}\n\n`;

/** A `fetch` that streams `chunks` chunks of a word each. */
export function answerStream(chunks) {
  const chunk = (delta, finish_reason = null) =>
    event({
      ...shared,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
  const words = Array.from({ length: chunks - 2 }, (_, i) => chunk({ content: ` word${i}` })).join("");
  const last = `${chunk({}, "stop")}${event({ ...shared, object: "chat.completion.chunk", choices: [], usage })}data: [DONE]\n\n`;
  return async (_url, { body }) => {
    const first = chunk({ role: "assistant", content: outputMarker(eventOf(body)) });
    const headers = { "content-type": "text/event-stream" };
    return new Response(encoder.encode(first + words + last), { headers });
  };
}
