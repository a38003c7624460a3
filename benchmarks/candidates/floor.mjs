/** The least that sending traces can cost: one `JSON.stringify` an event, and one keep-alive POST for 512 of them. */
import { recordRun } from "../support/agent-run.mjs";
import { wrapWithFloor } from "../support/floor-client.mjs";
import { createFloorHandler } from "../support/floor-handler.mjs";

export const label = "floor";

const FLUSH_AT = 512;

export const load = () => import("node:http");

export function setUp({ Agent, request }, { url }) {
  const agent = new Agent({ keepAlive: true });
  const pending = new Set();
  let events = [];

  function send() {
    if (events.length === 0) return;
    const body = `[${events.join(",")}]`;
    events = [];
    const sent = new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const options = { method: "POST", agent, headers };
      request(`${url}/floor`, options, (response) => response.resume().on("end", resolve))
        .on("error", reject)
        .end(body);
    });
    pending.add(sent);
    void sent.finally(() => pending.delete(sent));
  }

  function record(event) {
    events.push(JSON.stringify(event));
    if (events.length >= FLUSH_AT) send();
  }

  const id = () => Math.random().toString(16).slice(2);
  const start = (parent) => ({ id: id(), traceId: parent?.traceId ?? id(), start: Date.now() });
  const end = (event, step) => record({ ...event, ...step, end: Date.now() });
  const flush = async () => {
    send();
    await Promise.all(pending);
  };
  return {
    run: (steps) => recordRun({ start, end }, steps),
    generation: (step) => end(start(), step),
    wrap: (client) => wrapWithFloor(client, (step) => end(start(), step)),
    langChainCallbacks: async () => [createFloorHandler({ start, end })],
    flush,
    async shutdown() {
      await flush();
      agent.destroy();
    },
  };
}
