import { COMMON_WORD, MIDDLING_WORD, SPANS_PER_TRACE, createTrace, rareWord } from "./generate.mjs";
import { encodeExport } from "./otlp.mjs";

const DAY_MS = 86_400_000;

/** What is asked, and within how many milliseconds an answer has to be there. */
export function queriesOf({ runs, start, step, large, hundred }) {
  const middle = Math.floor(runs / 2);
  const to = start + runs * step + DAY_MS;
  const range = `from=${to - 30 * DAY_MS}&to=${to}`;
  return [
    ["list page, newest first", 50, "/api/traces?limit=50"],
    ["list page, by cost", 50, "/api/traces?limit=50&sort=-cost"],
    ["list page, by duration, filtered", 50, "/api/traces?limit=50&sort=-duration&q=env:production%20errors:0"],
    ["list page, level:error", 50, "/api/traces?limit=50&q=level:error"],
    [
      "list page, a model and a metadata key",
      50,
      "/api/traces?limit=50&q=model:gpt-4o%20metadata.region:eu%20latency:%3E2",
    ],
    ["list page, one user", 50, "/api/traces?limit=50&q=user:user-77"],
    ["observations, newest first", 50, "/api/observations?limit=50"],
    ["observations, tool errors", 50, "/api/observations?limit=50&q=type:tool%20level:error"],
    ["trace of 100 observations", 50, `/api/traces/${hundred}`],
    ["search, a rare word, traces", 50, `/api/traces?q=${rareWord(middle)}`],
    ["search, a rare word, observations", 50, `/api/observations?q=${rareWord(middle)}`],
    ["search, a word of some traces", null, `/api/traces?q=${MIDDLING_WORD}`],
    ["search, a common word, traces", null, `/api/traces?q=${COMMON_WORD}`],
    ["observations, by duration", null, "/api/observations?limit=50&sort=-duration"],
    ["observations, by cost", null, "/api/observations?limit=50&sort=-cost"],
    ["facets", null, "/api/facets?target=traces"],
    ["density, 30 days", null, `/api/density?target=traces&${range}`],
    ["sessions", null, "/api/sessions?limit=50"],
    ["users", null, "/api/users?limit=50"],
    ["dashboard over 30 days", 200, `/api/metrics?${range}`],
    ["dashboard over 30 days, by model", 200, `/api/metrics?${range}&by=model`],
    ["skeleton of 50 000 observations", 300, `/api/traces/${large}/skeleton`],
  ];
}

/** Sends traces of their own: of 100 and of 50 000 observations, some of them nested. @returns their ids. */
export async function sendLargeTraces(url, start) {
  const ids = { hundred: "00".repeat(15) + "a1", large: "00".repeat(15) + "a2" };
  for (const [name, count] of [
    ["hundred", 100],
    ["large", 50_000],
  ]) {
    const idOf = (index) => (index + 1).toString(16).padStart(16, "0");
    for (let from = 0; from < count; from += 1000) {
      const spans = [];
      for (let index = from; index < Math.min(count, from + 1000); index++) {
        const [template] = createTrace(index % 1000, start).slice(index % SPANS_PER_TRACE);
        const parent = index === 0 ? null : idOf(Math.floor((index - 1) / 8));
        spans.push({
          ...template,
          traceId: ids[name],
          id: idOf(index),
          parentId: parent,
          start: start + index,
          end: start + index + 500,
        });
      }
      const answer = await fetch(`${url}/v1/traces`, {
        method: "POST",
        body: encodeExport(spans),
        headers: { "content-type": "application/x-protobuf" },
      });
      if (answer.status !== 200) throw new Error(`The large trace was answered with ${answer.status}.`);
    }
  }
  return ids;
}

/** Median and 95th percentile of the milliseconds until the last byte, one request after the other. */
export async function measure(url, path, rounds) {
  const times = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const answer = await fetch(url + path);
    bytes = (await answer.arrayBuffer()).byteLength;
    times.push(performance.now() - began);
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}.`);
  }
  times.sort((a, b) => a - b);
  return { medianMs: percentile(times, 0.5), p95Ms: percentile(times, 0.95), bytes };
}

/** @param sorted ascending. */
export function percentile(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}
