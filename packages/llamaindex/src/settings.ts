import { safely } from "@spanwise/core/adapter";
import { hasMethod, isObject } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { readOr } from "./llm-request.ts";

const MODELS = ["llm", "embedModel"] as const;
const SCOPED = ["withLLM", "withEmbedModel"] as const;

export function isSettings(value: unknown): value is object {
  return isObject(value) && hasMethod(value, "withLLM") && hasMethod(value, "withCallbackManager");
}

/** The models that `Settings` holds now, and those that are assigned later or for a while. */
export function traceSettings({ patches, components }: Instrumentation, settings: object): void {
  for (const key of MODELS) {
    safely("read the settings", () => components.adopt(readOr(() => (settings as Record<string, unknown>)[key])));
    patches.onSet(settings, key, (model) => components.adopt(model));
  }
  for (const key of SCOPED) {
    patches.around(settings, key, (_self, args, call) => {
      components.adopt(args[0]);
      return call();
    });
  }
}
