import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const credentials = {
  baseUrl: process.env.SPANWISE_URL,
  publicKey: "pk-lf-contract",
  secretKey: "sk-lf-contract",
};
export const processor = new LangfuseSpanProcessor({ ...credentials, environment: "contract", release: "r-7" });
export const provider = new NodeTracerProvider({ spanProcessors: [processor] });
provider.register();
export const langfuse = new LangfuseClient(credentials);

/** Ends the program with what it did. */
export async function report(facts) {
  await langfuse.flush();
  await provider.forceFlush();
  await provider.shutdown();
  await langfuse.shutdown();
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}
