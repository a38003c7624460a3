import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DEFAULT_DB } from "../server-options.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import { UsageError, defineCommand } from "./command.ts";
import { formatTable } from "./format.ts";
import type { Store } from "../store/store.ts";

export const command = defineCommand({
  name: "keys",
  usage: "<create|ls|rm> [public key] [options]",
  description:
    "Makes, lists and deletes a project's keys, in the database file; a server that runs on it knows them at once. The secret is\nshown once, when the key is made. A project that is not there is made with its first key.",
  maxPositionals: 2,
  options: {
    project: { type: "string", value: "id", help: "the project (default: default; ls: all)" },
    note: { type: "string", value: "text", help: "what a new key is for" },
    db: { type: "string", value: "file", help: `SQLite file (default ${DEFAULT_DB})` },
    json: { type: "boolean", help: "print JSON" },
  },
  async run({ values, positionals: [action, publicKey] }) {
    if (action !== "create" && action !== "ls" && action !== "rm") {
      throw new UsageError("keys needs create, ls or rm: see spanwise keys --help.");
    }
    const path = resolve(values.db ?? DEFAULT_DB);
    if (action !== "create" && !existsSync(path)) throw new UsageError(`there is no file ${path}: name it with --db.`);
    const { openSqliteStore } = await import("../store/sqlite/sqlite-store.ts");
    const store = await openSqliteStore({ path });
    const json = values.json === true;
    try {
      if (action === "create") await create(store, values.project ?? DEFAULT_PROJECT_ID, values.note ?? null, json);
      else if (action === "ls") await list(store, values.project, json);
      else await remove(store, publicKey);
    } finally {
      await store.close();
    }
  },
});

async function create(store: Store, projectId: string, note: string | null, json: boolean): Promise<void> {
  const { readProjectInput } = await import("../settings/inputs.ts");
  const { createStoredKey } = await import("../settings/new-key.ts");
  const project = readProjectInput({ name: projectId, id: projectId }, Date.now());
  await store.createProject(project);
  const { stored, created } = createStoredKey(projectId, note, Date.now());
  await store.createKey(stored);
  if (json) process.stdout.write(`${JSON.stringify({ projectId, ...created })}\n`);
  else {
    const lines = [`SPANWISE_PUBLIC_KEY=${created.publicKey}`, `SPANWISE_SECRET_KEY=${created.secretKey}`];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
}

async function list(store: Store, projectId: string | undefined, json: boolean): Promise<void> {
  const keys = await store.listKeys(projectId);
  if (json) {
    for (const { secretHash: _hash, ...key } of keys) process.stdout.write(`${JSON.stringify(key)}\n`);
    return;
  }
  const day = (time: number | null): string => (time === null ? "never" : new Date(time).toISOString().slice(0, 10));
  const rows = keys.map((key) => [
    key.projectId,
    key.publicKey,
    `…${key.secretHint}`,
    day(key.createdAt),
    day(key.lastUsedAt),
    key.note ?? "",
  ]);
  const header = ["PROJECT", "PUBLIC KEY", "SECRET", "MADE", "LAST USED", "NOTE"];
  process.stdout.write(rows.length === 0 ? "No keys.\n" : formatTable([header, ...rows]));
}

async function remove(store: Store, publicKey: string | undefined): Promise<void> {
  if (publicKey === undefined) throw new UsageError("keys rm needs the public key: see spanwise keys ls.");
  const key = (await store.listKeys()).find((known) => known.publicKey === publicKey);
  if (key === undefined || !(await store.deleteKey(key.projectId, publicKey))) {
    throw new UsageError(`there is no key ${publicKey}: see spanwise keys ls.`);
  }
  process.stdout.write(`Deleted ${publicKey}.\n`);
}
