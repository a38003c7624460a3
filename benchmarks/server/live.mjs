import { init, startObservation } from "@spanwise/core";

/** Longer than this counts as never. */
const GIVE_UP_MS = 10_000;

/**
 * From the end of an observation in an application to the live event that names its trace, on the wire: the SDK's flush, HTTP, the commit
 * and the stream's own pauses are in it. One observation at a time, at any moment of the others' rhythm.
 *
 * @returns milliseconds, sorted.
 */
export async function measureLive(url, rounds) {
  const events = await listen(url);
  const tracer = init({ baseUrl: url, live: false, logLevel: "error" });
  const times = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const observation = startObservation("live", { input: `round ${round}` }, { parent: null });
      const arrived = events.wait(observation.traceId);
      const began = performance.now();
      observation.end({ output: "done" });
      times.push((await arrived) - began);
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 400));
    }
  } finally {
    await tracer.shutdown();
    events.close();
  }
  return times.sort((a, b) => a - b);
}

/** Reads `/api/events`. A `reset` tells of all traces at once. */
async function listen(url) {
  const abort = new AbortController();
  const answer = await fetch(`${url}/api/events`, { signal: abort.signal });
  const waiting = new Map();
  const arrive = (traceIds) => {
    for (const id of traceIds) waiting.get(id)?.(performance.now());
  };
  const read = async () => {
    let text = "";
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const messages = text.split("\n\n");
      text = messages.pop();
      for (const message of messages) {
        if (message.includes("event: reset")) arrive([...waiting.keys()]);
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (data !== undefined) arrive(JSON.parse(data).traceIds ?? []);
      }
    }
  };
  read().catch((error) => {
    if (!abort.signal.aborted) throw error;
  });
  return {
    wait(traceId) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`No event within ${GIVE_UP_MS} ms.`)), GIVE_UP_MS);
        waiting.set(traceId, (time) => {
          clearTimeout(timer);
          waiting.delete(traceId);
          resolve(time);
        });
      });
    },
    close: () => abort.abort(),
  };
}
