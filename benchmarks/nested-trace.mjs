/** The quick look at the hot path, printed only: ours against the floor. `ROUNDS` (5) and `TRACES` (20 000) change its size. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const { ROUNDS = "5", TRACES = "20000" } = process.env;
const harness = fileURLToPath(new URL("run.mjs", import.meta.url));
const row = ["--only", "nested-trace", "--peers", "none", "--dry", "--rounds", ROUNDS, "--set", `traces=${TRACES}`];
const { status } = spawnSync(process.execPath, [harness, ...row], { stdio: "inherit" });
process.exit(status ?? 1);
