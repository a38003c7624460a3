import { Components } from "./components.ts";
import type { LlamaIndexOptions } from "./options.ts";
import { Patches } from "./patches.ts";
import { Recorder } from "./recorder.ts";

/** What the parts of one instrumentation share: where calls are recorded, what was replaced, how objects are found. */
export interface Instrumentation {
  readonly recorder: Recorder;
  readonly patches: Patches;
  readonly components: Components;
}

export function createInstrumentation(options: LlamaIndexOptions): Instrumentation {
  const recorder = new Recorder(options);
  const patches = new Patches();
  const parts = { recorder, patches } as { recorder: Recorder; patches: Patches; components: Components };
  parts.components = new Components(parts);
  return parts;
}
