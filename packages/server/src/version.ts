import { readFileSync } from "node:fs";

/** The package's version. Both `src` and `dist` lie one folder below package.json. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
