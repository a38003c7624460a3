/** Runs gates one after the other, all of them whatever fails, and adds up what passed. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.mjs";

export class Gates {
  #passed = 0;
  #failed = 0;
  #failures = [];

  /** A command that passes with exit code 0. `report`: a Vitest JSON report whose tests are counted one by one. */
  run(name, command, args, { report, env = process.env } = {}) {
    const startedAt = Date.now();
    console.log(`\n▶ ${name}`);
    const reportFile = report && join(root, report);
    if (reportFile) rmSync(reportFile, { force: true });
    const { status } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env });
    const ok = status === 0;
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`${ok ? "✔" : "✘"} ${name} (${seconds} s)`);
    if (!ok) this.#failures.push(name);
    if (reportFile && existsSync(reportFile)) {
      const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(reportFile, "utf8"));
      this.#passed += numPassedTests;
      // A run can fail with no failed test (a suite that does not load): that counts as one.
      this.#failed += ok ? 0 : Math.max(1, numFailedTests);
    } else if (ok) this.#passed++;
    else this.#failed++;
    return ok;
  }

  /** Prints the plain closing line and exits. */
  finish() {
    if (this.#failures.length > 0) console.log(`\nFailed: ${this.#failures.join(", ")}`);
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    process.exit(this.#failed > 0 ? 1 : 0);
  }
}
