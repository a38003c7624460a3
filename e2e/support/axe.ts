import axe from "axe-core";
import type { Page } from "playwright-core";

/** WCAG 2.0 to 2.2 at A and AA, and axe's own advice. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Left out: the rows of the JSON viewer are 20 px high for a pointer that is a mouse, as in the tools beside it on the desk; where
 * the pointer is a finger they are 30 px high, and the keyboard reaches all of them.
 */
const RULES = { "target-size": { enabled: false } };

/** One line a violation: the rule, and each element with what is wrong. */
export async function violations(page: Page): Promise<string[]> {
  // By the debugger: the page's policy allows no foreign script.
  await page.evaluate(axe.source);
  // The function runs in the page, where axe was just put. What passes is not described, which would take as long again.
  const results = await page.evaluate<axe.AxeResults>(
    `axe.run(document, ${JSON.stringify({ runOnly: TAGS, rules: RULES, resultTypes: ["violations"] })})`,
  );
  return results.violations.map(
    ({ id, nodes }) =>
      `${id}\n${nodes.map((node) => `  ${node.html.slice(0, 160)}\n  ${node.failureSummary}`).join("\n")}`,
  );
}
