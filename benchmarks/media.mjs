/**
 * One generation with a 5 MB base64 image, and with the same bytes in a Buffer and in a Blob: time inside our calls, and the longest
 * block of the event loop until everything is sent. `node benchmarks/media.mjs [rounds]`, after a build.
 */
import { randomBytes } from "node:crypto";
import { fork } from "node:child_process";
import { createServer } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createTracer, spanwise } from "@spanwise/core";

const IMAGE_BYTES = 3_932_160; // 5 MB of base64
const ROUNDS = Number(process.argv[2] ?? 15);
const RESOLUTION_MS = 1;

if (process.send) await serve();
else await measure();

/** A backend in a process of its own, so that its work does not show: announces, takes and counts. */
async function serve() {
  let uploads = 0;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      if (request.url === "/uploads") response.end(String(uploads));
      else if (request.method === "PUT") {
        if (Buffer.concat(chunks).length >= IMAGE_BYTES) uploads++;
        response.end();
      } else if (request.method === "POST" && request.url === "/api/public/media") {
        response.end(JSON.stringify({ mediaId: "m", uploadUrl: `http://${request.headers.host}/upload` }));
      } else response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1", () => process.send(`http://127.0.0.1:${server.address().port}`));
  process.on("disconnect", () => process.exit());
}

async function measure() {
  const sink = fork(new URL(import.meta.url));
  const baseUrl = await new Promise((resolve) => sink.once("message", resolve));
  const tracer = createTracer({ exporters: [spanwise({ baseUrl })] });
  const shapes = {
    "data URI": (bytes) => ({ image_url: { url: `data:image/png;base64,${bytes.toString("base64")}` } }),
    "Anthropic part": (bytes) => ({
      source: { type: "base64", media_type: "image/png", data: bytes.toString("base64") },
    }),
    Buffer: (bytes) => ({ bytes }),
    Blob: (bytes) => new Blob([bytes], { type: "image/png" }),
    "no image": () => ({ text: "none" }),
  };
  const rows = {};
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, make] of Object.entries(shapes)) {
      const input = [{ role: "user", content: [make(randomBytes(IMAGE_BYTES))] }];
      await new Promise((resolve) => setTimeout(resolve, 20));
      const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      delay.enable();
      await new Promise((resolve) => setTimeout(resolve, 5));
      delay.reset();
      const before = performance.now();
      tracer.startObservation("one", { input }, { type: "generation" }).end({ output: "a picture" });
      const syncMs = performance.now() - before;
      const { sent } = await tracer.flush();
      delay.disable();
      if (sent !== 1) throw new Error(`${sent} of 1 was sent`);
      if (round >= 0) (rows[name] ??= []).push({ syncMs, blockMs: delay.max / 1e6 - RESOLUTION_MS });
    }
  }
  const uploads = Number(await (await fetch(`${baseUrl}/uploads`)).text());
  const expected = (ROUNDS + 2) * (Object.keys(shapes).length - 1);
  await tracer.shutdown();
  sink.disconnect();
  if (uploads !== expected) throw new Error(`${uploads} of ${expected} images arrived`);
  console.log(`${ROUNDS} rounds, ${uploads} images of ${IMAGE_BYTES} bytes arrived; Node ${process.version}`);
  console.log(
    "| one image as | in our calls ms, median | max | longest block ms, median | max |\n| --- | --- | --- | --- | --- |",
  );
  for (const [name, results] of Object.entries(rows)) {
    const cells = ["syncMs", "blockMs"].flatMap((key) => {
      const sorted = results.map((result) => result[key]).sort((a, b) => a - b);
      return [sorted[sorted.length >> 1], sorted.at(-1)].map((ms) => ms.toFixed(2));
    });
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
}
