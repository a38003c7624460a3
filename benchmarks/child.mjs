/** The measured process: `support/process.mjs` starts it with a task, it answers with one message and ends by itself. */
import { loadCandidate } from "./candidates/index.mjs";
import { loadRow } from "./rows/index.mjs";
import { createProbe } from "./support/probe.mjs";

const { row, candidate: name, folder, options, url } = JSON.parse(process.argv[2]);
const { load } = await import(`${folder}/load.mjs`);
const { measure } = await loadRow(row);
const candidate = await loadCandidate(name);

const loadSdk = () => candidate.load?.(load);
const context = {
  name,
  options,
  candidate,
  load,
  loadSdk,
  /** The SDK's operations: `run`, `generation`, `wrap`, `flush`, `shutdown`. */
  start: async (sdkOptions) => candidate.setUp(await loadSdk(), { url, loadWrapper: load, options: sdkOptions }),
  /** Puts the sink into a mode. A listener holds the process, so there is one only while an answer is due. */
  async sink(mode) {
    const answered = new Promise((resolve) => process.once("message", resolve));
    process.send({ mode });
    await answered;
  },
  probe: createProbe(),
};
// An application has something that holds it, a server say; without it an SDK whose flush holds nothing would just end here.
// It also ends a run whose harness is gone.
const hold = setInterval(() => process.connected || process.exit(1), 1000);
const result = await measure(context);
clearInterval(hold);
await new Promise((resolve) => process.send({ result }, resolve));
