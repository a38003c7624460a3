import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Writes `docs/NAME.md`, formatted as all files are. */
export function writeDocsPage(name, text) {
  const page = join(root, "docs", `${name}.md`);
  writeFileSync(page, text);
  execFileSync(join(root, "node_modules", ".bin", "oxfmt"), [page], { cwd: root, stdio: "ignore" });
}
