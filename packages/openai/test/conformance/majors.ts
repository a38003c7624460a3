import type { OpenAIModule } from "./scenario.ts";

/** The client majors under test. openai 7 asks for Node 22; what is used of it here also runs on Node 20. */
export const MAJORS: readonly { major: number; version: string; load: () => Promise<OpenAIModule> }[] = [
  { major: 4, version: "4.104.0", load: async () => (await import("openai-v4")) as unknown as OpenAIModule },
  { major: 5, version: "5.23.2", load: async () => (await import("openai-v5")) as unknown as OpenAIModule },
  { major: 6, version: "6.49.0", load: () => import("openai") },
  { major: 7, version: "7.57.0", load: async () => (await import("openai-v7")) as unknown as OpenAIModule },
];
