import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DEFAULT_DB } from "../server-options.ts";
import { UsageError, defineCommand } from "./command.ts";
import { formatBytes } from "./format.ts";

export const command = defineCommand({
  name: "backup",
  usage: "<file> [options]",
  description:
    "Copies the database to a new file, attachments included, also while a server writes to it. The copy is a database like any\nother: spanwise --db <file> opens it.",
  maxPositionals: 1,
  options: {
    db: { type: "string", value: "file", help: `SQLite file to copy (default ${DEFAULT_DB})` },
    json: { type: "boolean", help: "print JSON: { file, bytes }" },
  },
  async run({ values, positionals: [target] }) {
    if (target === undefined) throw new UsageError("backup needs the name of a new file: see spanwise backup --help.");
    const { backUp } = await import("../store/sqlite/backup.ts");
    const file = resolve(target);
    backUp(resolve(values.db ?? DEFAULT_DB), file);
    const { size } = await stat(file);
    process.stdout.write(
      values.json === true ? `${JSON.stringify({ file, bytes: size })}\n` : `${file}: ${formatBytes(size)}\n`,
    );
  },
});
