/**
 * The rows, in the order of the page. A row is a module: `title`, `rounds`, `cases` (candidates and options of the runs),
 * `measure(context)` for the measured process, and `report(results)`: lines of the target table and a table of details.
 */
const rows = {
  "nested-trace": () => import("./nested-trace.mjs"),
  "openai-call": () => import("./openai-call.mjs"),
  "openai-stream": () => import("./openai-stream.mjs"),
  "langchain-run": () => import("./langchain-run.mjs"),
  outage: () => import("./outage.mjs"),
  "sink-gone": () => import("./sink-gone.mjs"),
  image: () => import("./image.mjs"),
  import: () => import("./import.mjs"),
  bundle: () => import("./bundle.mjs"),
  heap: () => import("./heap.mjs"),
};

export const rowNames = Object.keys(rows);
export const loadRow = (name) => rows[name]();
