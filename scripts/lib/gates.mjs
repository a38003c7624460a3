/** Runs gates one after the other, all of them whatever fails, adds up what passed, and says again at the end what failed. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { readReport } from "./vitest-report.mjs";
import { root } from "./workspace.mjs";

/** Lines of a failed gate's output, or of a failed test's message, that the end repeats: a log is often read from its end. */
const TAIL_LINES = 40;

export class Gates {
  #passed = 0;
  #failed = 0;
  /** What the end says of each gate that failed. */
  #failures = [];

  /** A command that passes with exit code 0. `report`: a Vitest JSON report whose tests are counted one by one. */
  async run(name, command, args, { report, env = process.env } = {}) {
    const startedAt = Date.now();
    console.log(`\n▶ ${name}`);
    if (report) rmSync(join(root, report), { force: true });
    const { status, tail } = await runShown(command, args, env);
    const ok = status === 0;
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`${ok ? "✔" : "✘"} ${name} (${seconds} s)`);
    const tests = report && readReport(join(root, report));
    if (tests) this.#passed += tests.passed;
    else if (ok) this.#passed++;
    if (ok) return;
    const failures = tests?.failures ?? [];
    // A run can fail with no failed test (an error that no test awaits): that counts as one, and its output says what it was.
    this.#failed += Math.max(1, failures.length);
    const texts = failures.map((test) => `${test.file} > ${test.name}\n${firstLines(test.message)}`);
    this.#failures.push(`✘ ${name}\n${texts.length > 0 ? texts.join("\n\n") : tail}`);
  }

  /** Prints what failed and the plain closing line, and exits. */
  finish() {
    if (this.#failures.length > 0) console.log(`\nFailed:\n\n${this.#failures.join("\n\n")}`);
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed > 0 ? 1 : 0;
  }
}

const firstLines = (text) => text.split("\n").slice(0, TAIL_LINES).join("\n");

/** The command with its output shown; its exit code (null when a signal ended it) and its last lines. */
function runShown(command, args, env) {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], env });
  let tail = "";
  const show = (chunk) => {
    process.stdout.write(chunk);
    tail = `${tail}${chunk}`.split("\n").slice(-TAIL_LINES).join("\n");
  };
  child.stdout.setEncoding("utf8").on("data", show);
  child.stderr.setEncoding("utf8").on("data", show);
  return new Promise((resolve) => {
    // A command that does not exist fails its gate like any other: the rest runs, and the closing line comes.
    child.on("error", (error) => resolve({ status: null, tail: String(error) }));
    child.on("close", (status) => resolve({ status, tail }));
  });
}
