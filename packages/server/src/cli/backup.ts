import { existsSync } from "node:fs";
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
    const path = resolve(values.db ?? DEFAULT_DB);
    const file = resolve(target);
    if (!existsSync(path)) throw new UsageError(`there is no file ${path}: name it with --db.`);
    if (existsSync(file)) throw new UsageError(`${file} is there already: choose another name.`);
    const { openSqliteStore } = await import("../store/sqlite/sqlite-store.ts");
    const store = await openSqliteStore({ path });
    try {
      await store.backup(file);
    } catch (error) {
      throw new UsageError(`${path} cannot be copied to ${file}: ${(error as Error).message}.`, { cause: error });
    } finally {
      await store.close();
    }
    const { size } = await stat(file);
    process.stdout.write(
      values.json === true ? `${JSON.stringify({ file, bytes: size })}\n` : `${file}: ${formatBytes(size)}\n`,
    );
  },
});
