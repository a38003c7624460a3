import { parseArgs } from "node:util";
import { plainStatement } from "./routes.ts";
import { createModelServer } from "./server.ts";
import { tokenizerFor } from "./tokenizer.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    "delay-ms": { type: "string", default: "0" },
    "chunk-delay-ms": { type: "string", default: "0" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write("model-server [--port 0] [--host 127.0.0.1] [--delay-ms 0] [--chunk-delay-ms 0]\n");
} else {
  const server = await createModelServer({
    port: Number(values.port),
    host: values.host,
    delayMs: Number(values["delay-ms"]),
    chunkDelayMs: Number(values["chunk-delay-ms"]),
  });
  // Loaded now, so that the first request of a demo does not wait for it.
  await Promise.all([tokenizerFor("gpt-4o"), tokenizerFor("text-embedding-3-small")]);
  // The first line is the address alone, so that a script can read it.
  process.stdout.write(`${server.url}\n${plainStatement}\n`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
}
