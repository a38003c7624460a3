import { readFileSync, writeFileSync } from "node:fs";
import { findMethods } from "./every-method.ts";
import { MAJORS } from "./majors.ts";
import { ROWS } from "./rows.ts";
import type { Scenario } from "./scenario.ts";
import { TOPICS } from "./scenarios.ts";

const FILE = new URL("../../../../docs/openai-conformance.md", import.meta.url);

/** Majors in which a scenario was seen to behave the same, by name. */
const seen = new Map<string, Set<number>>();

export function noteResult({ name }: Scenario, major: number): void {
  let majors = seen.get(name);
  if (!majors) seen.set(name, (majors = new Set()));
  majors.add(major);
}

/**
 * Compares the page with this run, or writes it with `UPDATE_DOCS=1`; then format it. Does nothing after a run of which parts were
 * left out or failed: what failed has failed already, and no page is written that shows it.
 */
export async function checkPage(): Promise<void> {
  const isComplete = TOPICS.every(({ scenarios }) =>
    scenarios.every((scenario) =>
      MAJORS.every(({ major }) => !applies(scenario, major) || seen.get(scenario.name)?.has(major)),
    ),
  );
  if (!isComplete) return;
  const page = render(await Promise.all(MAJORS.map(countMethods)));
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(FILE, page);
  else if (squeezed(read()) !== squeezed(page))
    throw new Error("docs/openai-conformance.md is out of date: run this test with UPDATE_DOCS=1, then oxfmt");
}

function applies({ majors }: Scenario, major: number): boolean {
  return !majors || majors.includes(major);
}

function read(): string {
  try {
    return readFileSync(FILE, "utf8");
  } catch {
    // A page that is not there is out of date.
    return "";
  }
}

/** The formatter aligns tables and wraps nothing else. */
function squeezed(text: string): string {
  return text.replaceAll(/-{2,}/g, "-").replaceAll(/\s+/g, " ");
}

async function countMethods({ load }: (typeof MAJORS)[number]): Promise<number> {
  const { OpenAI } = await load();
  return findMethods(new OpenAI({ apiKey: "k" })).length;
}

function render(methods: readonly number[]): string {
  const notes: string[] = [];
  const note = (reason: string): number => {
    if (!notes.includes(reason)) notes.push(reason);
    return notes.indexOf(reason) + 1;
  };
  const cell = (scenario: Scenario, major: number): string =>
    applies(scenario, major) ? "same" : `- (${note(scenario.why!)})`;
  const rowOf = (scenario: Scenario): string => {
    const stands = (scenario.rows ?? []).map((row) => `${row} ${ROWS[row]}`).join("; ");
    const cells = [stands, scenario.name, ...MAJORS.map(({ major }) => cell(scenario, major))];
    return `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  };
  const head = ["stands for", "scenario", ...MAJORS.map(({ version }) => version)];
  const tables = TOPICS.map(({ title, scenarios }) =>
    [`## ${title}`, "", `| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...scenarios.map(rowOf)].join(
      "\n",
    ),
  );
  const count = TOPICS.reduce((sum, { scenarios }) => sum + scenarios.length, 0);
  return `# OpenAI conformance

Written by \`packages/openai/test/conformance\`, which fails when this page is out of date. ${count} scenarios run against a raw and an
observed client of each major of \`openai\`, over HTTP. _same_: results, errors, unhandled rejections and the requests on the wire (method,
path, headers, bytes of the body) are equal, but for the usage wish of streams ([what stays as it is](./openai.md#what-stays-as-it-is));
and where the scenario says what must be recorded, it was. A scenario that is not the same fails the build.

The first column names the item that a scenario stands for: surfaces (1a) and behaviours (1b) on which eight other SDKs were
measured, and the defects of Langfuse's \`observeOpenAI\` (L). Each item has a scenario. Types (1b.32) are checked by the compiler, in
\`packages/openai/test/observe.test-d.ts\`. Beside this list, \`every-method.test.ts\` walks the resources of each client and compares
each method that it finds, called with four shapes of arguments, so that a method that upstream adds is covered too: ${methods.join(", ")}
methods. All of it runs on Node 20 and, for what openai 7 asks for, on Node 22 and later (\`npm run test:matrix\`).

${tables.join("\n\n")}

## Left out

${notes.map((reason, at) => `${at + 1}. ${reason}`).join("\n")}
`;
}
