export { observeOpenAI } from "./observe.ts";
export type { ObserveOpenAIOptions } from "./options.ts";
