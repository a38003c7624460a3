/** What a JSON report of Vitest says. */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./workspace.mjs";

/** Passed tests, and what failed by name, file and message: a test, or a file that does not load. Undefined: no report. */
export function readReport(file) {
  if (!existsSync(file)) return undefined;
  const { numPassedTests, testResults } = JSON.parse(readFileSync(file, "utf8"));
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const where = relative(root, name);
    const tests = assertionResults.filter((test) => test.status === "failed");
    if (status === "failed" && tests.length === 0) return [{ name: where, file: where, message }];
    return tests.map((test) => ({ name: test.fullName, file: where, message: test.failureMessages.join("\n") }));
  });
  return { passed: numPassedTests, failures };
}
