import type * as core1 from "../core-1/modules.ts";

/** The LangChain packages under test, as the newest one types them. */
export type LangChain = typeof core1;

export interface Major {
  version: "0.3" | "1";
  load: () => Promise<LangChain>;
}

/** `@langchain/core` 0.3.80 with LangGraph 0.4.10, and 1.4.0 with LangGraph 1.7.3: the oldest and the newest of each. */
export const MAJORS: readonly Major[] = [
  { version: "0.3", load: async () => (await import("../core-0.3/modules.ts")) as unknown as LangChain },
  { version: "1", load: () => import("../core-1/modules.ts") },
];
