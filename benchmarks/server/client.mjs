// A client in a process of its own: sends generated runs as OTLP/protobuf over HTTP, some requests at a time.
//   node client.mjs <url> <first run> <runs> <every> <start ms> <step ms> <observations/s, 0 for as fast as it goes>
// Of runs first, first + every, … Prints one line of JSON at its end.
import { Agent, request } from "node:http";
import { SPANS_PER_TRACE, createTrace } from "./generate.mjs";
import { encodeExport } from "./otlp.mjs";

const [url, first, runs, every, start, step, rate] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const RUNS_A_REQUEST = 100;
const IN_FLIGHT = 3;

const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
const result = { observations: 0, requests: 0, busy: 0, bytes: 0, failed: 0 };
const began = performance.now();
let next = 0;

function send(body) {
  return new Promise((resolve, reject) => {
    const call = request(`${url}/v1/traces`, {
      method: "POST",
      agent,
      headers: { "content-type": "application/x-protobuf", "content-length": body.length },
    });
    call.on("response", (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode));
    });
    call.on("error", reject);
    call.end(body);
  });
}

async function work() {
  while (next < runs) {
    const from = next;
    next = Math.min(runs, next + RUNS_A_REQUEST);
    const spans = [];
    for (let index = from; index < next; index++) {
      const run = first + index * every;
      spans.push(...createTrace(run, start + run * step));
    }
    const body = encodeExport(spans);
    for (let status = 0; status !== 200;) {
      status = await send(body);
      if (status === 429) {
        result.busy += 1;
        await new Promise((resolve) => setTimeout(resolve, 100));
      } else if (status !== 200) {
        result.failed += spans.length;
        break;
      }
    }
    result.requests += 1;
    result.bytes += body.length;
    result.observations += spans.length;
    if (rate > 0) {
      const ahead = (result.observations / rate) * 1000 - (performance.now() - began);
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, work));
agent.destroy();
const { user, system } = process.cpuUsage();
process.stdout.write(
  `${JSON.stringify({ ...result, spansPerTrace: SPANS_PER_TRACE, cpuMs: (user + system) / 1000, wallMs: performance.now() - began })}\n`,
);
