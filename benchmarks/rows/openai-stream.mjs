/** What a wrapped stream costs a chunk: the raw and the wrapped client alternate inside one process. */
import { performance } from "node:perf_hooks";
import { inputMarker } from "../support/markers.mjs";
import { answerStream, chatRequest } from "../support/openai-stub.mjs";
import { good, labelOf, peersIn } from "../support/results.mjs";
import { median, number, quantile, range, table, verdict } from "../support/stats.mjs";

export const title = "Wrapped stream, per chunk";
export const rounds = 5;
/** What a call costs once goes down for thousands of calls, as the engine compiles what it runs through; the slope does not. */
export const cases = [
  { id: "default", candidates: ["floor", "spanwise", "peers"], options: { pairs: 250, warmUp: 250 } },
];
export const quick = { rounds: 3, options: { pairs: 150, warmUp: 150 } };

/** Two lengths, so that what a call costs once falls out: what is left is the slope between them. */
const CHUNKS = [20, 420];
/** The quantile that is compared: below the median, since what else the machine does can only add. */
const TYPICAL = 0.25;

export async function measure({ start, load, options: { pairs, warmUp }, candidate }) {
  const { OpenAI } = await load("openai");
  // Some peers patch the class itself: their raw client comes from another copy of the same version.
  const { OpenAI: RawOpenAI } = await load(candidate.patchesClass ? "openai-raw" : "openai");
  const sdk = await start();
  let events = 0;

  async function read(client) {
    const request = { ...chatRequest(events++, inputMarker), stream: true, stream_options: { include_usage: true } };
    const before = performance.now();
    let length = 0;
    for await (const chunk of await client.chat.completions.create(request)) {
      length += chunk.choices[0]?.delta.content?.length ?? 0;
    }
    const micros = (performance.now() - before) * 1000;
    if (length === 0) throw new Error("the stream was empty");
    // What is done later must not fall into the next call.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    return micros;
  }

  let respond;
  const options = { apiKey: "bench", fetch: (url, init) => respond(url, init), maxRetries: 0 };
  const clients = { raw: new RawOpenAI(options), wrapped: await sdk.wrap(new OpenAI(options)) };
  const lengths = CHUNKS.map((chunks) => ({ respond: answerStream(chunks), raw: [], wrapped: [] }));
  for (let i = 0; i < warmUp + pairs; i++) {
    for (const length of lengths) {
      respond = length.respond;
      for (const kind of i % 2 === 0 ? ["raw", "wrapped"] : ["wrapped", "raw"]) {
        const micros = await read(clients[kind]);
        if (i >= warmUp) length[kind].push(micros);
      }
    }
  }
  await sdk.flush();
  await sdk.shutdown();
  const typical = ({ raw, wrapped }) => ({ raw: quantile(raw, TYPICAL), wrapped: quantile(wrapped, TYPICAL) });
  const [short, long] = lengths.map(typical);
  const between = CHUNKS[1] - CHUNKS[0];
  return {
    recorded: events / 2,
    perChunk: (long.wrapped - long.raw - (short.wrapped - short.raw)) / between,
    rawPerChunk: (long.raw - short.raw) / between,
    perCall: short.wrapped - short.raw,
  };
}

export async function report({ default: byCandidate }) {
  const peers = peersIn(byCandidate);
  const names = ["floor", "spanwise", ...peers].filter((name) => good(byCandidate[name]).length > 0);
  const values = (name, key) => good(byCandidate[name]).map((run) => run[key]);
  const perChunk = (name) => median(values(name, "perChunk"));
  const targets = [
    {
      work: "Wrapped stream, added per chunk",
      target: "≤ 1 µs",
      ours: `${number(perChunk("spanwise"))} µs`,
      floor: `${number(perChunk("floor"))} µs`,
      peers: peers.length === 0 ? "not run" : `${range(peers.map(perChunk))} µs`,
      met: verdict(perChunk("spanwise"), 1),
    },
  ];
  const headers = ["SDK", "added µs/chunk", "range", "raw µs/chunk", "added µs for a call of 20 chunks", "calls lost"];
  const body = [];
  for (const name of names) {
    const lost = Math.max(...good(byCandidate[name]).map(({ recorded, sink }) => recorded - sink.delivered));
    const once = [median(values(name, "rawPerChunk")), median(values(name, "perCall"))].map(number);
    body.push([await labelOf(name), number(perChunk(name)), range(values(name, "perChunk")), ...once, number(lost)]);
  }
  const notes = [
    "Raw and wrapped calls take turns in one process, streams of 20 and of 420 chunks; the slope between the two is shown, of the first quartiles.",
    "What a call costs once is that of a process that has made some hundred calls: after ten thousand it is about half of it.",
  ];
  return { targets, details: table(headers, body), notes };
}
