// Development only: lets worker threads of Node 20 run this package's TypeScript. Each file is transpiled on its own (no types are
// checked, nothing is bundled) into .cache/source, when it is newer than its copy.
import { mkdir, readFile, readdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/", import.meta.url));
const target = new URL("../.cache/source/", import.meta.url);

let running;

/** Returns the folder's URL. Safe to call from several processes at once. */
export function transpileSource() {
  running ??= transpileAll();
  return running;
}

async function transpileAll() {
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith(".ts"));
  const stale = [];
  for (const file of files) {
    const output = join(fileURLToPath(target), file.replace(/\.ts$/, ".js"));
    const [from, to] = await Promise.all([stat(join(source, file)), stat(output).catch(() => undefined)]);
    if (to === undefined || to.mtimeMs < from.mtimeMs) stale.push([join(source, file), output]);
  }
  if (stale.length > 0) {
    const { default: ts } = await import("typescript");
    for (const [input, output] of stale) {
      const { outputText } = ts.transpileModule(await readFile(input, "utf8"), {
        fileName: input,
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2022,
          verbatimModuleSyntax: true,
          rewriteRelativeImportExtensions: true,
        },
      });
      await mkdir(dirname(output), { recursive: true });
      // Renamed into place, so that another process never reads half a file.
      const temporary = `${output}.${process.pid}`;
      await writeFile(temporary, outputText);
      await rename(temporary, output);
    }
  }
  return target;
}
