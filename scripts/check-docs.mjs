/**
 * Holds the code in README and docs against the types of the packages: imports that are gone, options with another name. A snippet
 * leaves out what is the reader's own, so a name that it does not declare, or a module that is not ours, is no complaint.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./lib/workspace.mjs";

const PAGES = [
  "README.md",
  ...list("docs", (name) => `docs/${name}`),
  ...list("packages", (name) => `packages/${name}/README.md`),
  ...list("examples", (name) => `examples/${name}/README.md`),
].filter((page) => page.endsWith(".md") && existsSync(join(root, page)));
/** Snippets are compiled as if they lay here: the example depends on all packages and on what they wrap. */
const HOME = join(root, "examples/docs-agent");
/** A name, a shorthand, a test runner's global that the snippet does not declare; a parameter that has no type for that reason. */
const READERS_OWN = new Set([2304, 2552, 2582, 2593, 18004, 7006, 7031]);
const MISSING_MODULE = 2307;

const options = {
  ...ts.getParsedCommandLineOfConfigFile(join(root, "tsconfig.base.json"), {}, hostOfConfig()).options,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
  noUnusedLocals: false,
  noUnusedParameters: false,
};
const snippets = new Map(PAGES.flatMap(snippetsOf));
const host = ts.createCompilerHost(options);
const readFromDisk = host.readFile.bind(host);
const isOnDisk = host.fileExists.bind(host);
host.readFile = (path) => snippets.get(path)?.text ?? readFromDisk(path);
host.fileExists = (path) => snippets.has(path) || isOnDisk(path);
const program = ts.createProgram([...snippets.keys()], options, host);

const problems = [...snippets].flatMap(([path, { page, line }]) => {
  const source = program.getSourceFile(path);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    .filter((diagnostic) => isOurs(diagnostic))
    .map(({ start, messageText }) => {
      const at = line + source.getLineAndCharacterOfPosition(start).line;
      return `${page}:${at}: ${ts.flattenDiagnosticMessageText(messageText, "\n  ")}`;
    });
});
if (snippets.size === 0) problems.push("No page has a snippet.");
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${snippets.size} snippets agree with the types.`);

function list(folder, pageOf) {
  return readdirSync(join(root, folder)).map(pageOf);
}

/** @returns by the path that it is compiled under: the text, and where it stands. */
function snippetsOf(page) {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(?:ts|tsx|typescript)\n(.*?)^```/gms)].map((match, index) => [
    join(HOME, `${page.replaceAll(/\W/g, "-")}-${index}.ts`),
    // A dash of three points stands for options that are told elsewhere.
    { text: match[1].replaceAll("{ … }", "{}"), page, line: text.slice(0, match.index).split("\n").length + 1 },
  ]);
}

function isOurs({ code, messageText }) {
  if (READERS_OWN.has(code)) return false;
  return code !== MISSING_MODULE || /'@?spanwise/.test(String(messageText));
}

function hostOfConfig() {
  return { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (diagnostic) => console.error(diagnostic.messageText) };
}
