/** What is compared. Every candidate is a module: `label`, `packages`, `load(load)` and `setUp(modules, context)`. */
const candidates = {
  none: () => import("./none.mjs"),
  floor: () => import("./floor.mjs"),
  spanwise: () => import("./spanwise.mjs"),
  "spanwise-bare": () => import("./spanwise-bare.mjs"),
  langfuse: () => import("./langfuse.mjs"),
  openinference: () => import("./openinference.mjs"),
  traceloop: () => import("./traceloop.mjs"),
  laminar: () => import("./laminar.mjs"),
  opik: () => import("./opik.mjs"),
  braintrust: () => import("./braintrust.mjs"),
  langsmith: () => import("./langsmith.mjs"),
};

export const ours = ["spanwise", "spanwise-bare"];
export const peers = Object.keys(candidates).filter((name) => !["none", "floor", ...ours].includes(name));
export const loadCandidate = (name) => candidates[name]();
