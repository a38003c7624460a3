import type { Answer } from "./answer/prompt.ts";
import type { PromptCache } from "./prompt-cache.ts";
import type { ResponseStore } from "./response-store.ts";

/** What a route knows besides the request's body. */
export interface RouteContext {
  cache: PromptCache;
  responses: ResponseStore;
  /** Set by a rule: the answer in place of the stand-in's own. */
  scripted: Partial<Answer> | undefined;
}
