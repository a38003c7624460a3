/** Where and when a row was measured. */
import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";

export function describeMachine() {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    node: process.version,
    machine: `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${Math.round(totalmem() / 1024 ** 3)} GB, ${process.platform}`,
    load: loadavg().map((load) => Math.round(load * 10) / 10),
    commit: commit(),
  };
}

/** A checkout may be a plain copy. */
function commit() {
  const git = (...args) => execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const changed = git("status", "--porcelain", "--", "packages") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${changed ? " with uncommitted changes" : ""}`;
  } catch {
    return "unknown";
  }
}
