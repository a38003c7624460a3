import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Folder and npm name of what a user installs. */
const PACKED = {
  core: "@spanwise/core",
  langchain: "@spanwise/langchain",
  llamaindex: "@spanwise/llamaindex",
  openai: "@spanwise/openai",
  server: "spanwise",
} as const;

type Packed = keyof typeof PACKED;

export interface Consumer {
  readonly folder: string;
  /** Writes a file below the folder and returns its path. */
  write(name: string, text: string): string;
  remove(): void;
}

/**
 * A project beside the workspace that has the packages (all unless named) as their tarballs unpack, and their third-party dependencies by link:
 * what is missing from a tarball is missing here, and no network is needed.
 */
export function createConsumer(packages: readonly Packed[] = ["core", "openai", "server"]): Consumer {
  const folder = mkdtempSync(join(tmpdir(), "spanwise-consumer-"));
  const modules = join(folder, "node_modules");
  for (const source of packages) {
    const name = PACKED[source];
    const target = join(modules, name);
    mkdirSync(target, { recursive: true });
    const tarballs = join(folder, "tarballs", source);
    mkdirSync(tarballs, { recursive: true });
    const pnpm = join(root, "node_modules/pnpm/bin/pnpm.cjs");
    execFileSync(process.execPath, [pnpm, "pack", "--pack-destination", tarballs], {
      cwd: join(root, "packages", source),
      stdio: "pipe",
    });
    const [tarball] = readdirSync(tarballs);
    execFileSync("tar", ["-xzf", join(tarballs, tarball!), "-C", target, "--strip-components=1"]);
    linkDependencies(target, join(root, "packages", source), modules);
  }
  link(join(root, "e2e/node_modules/openai"), join(modules, "openai"));
  const dependencies = Object.fromEntries(packages.map((source) => [PACKED[source], "*"]));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, dependencies }));
  return {
    folder,
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function linkDependencies(packed: string, source: string, modules: string): void {
  const manifest = JSON.parse(readFileSync(join(packed, "package.json"), "utf8")) as { dependencies?: object };
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (Object.values<string>(PACKED).includes(dependency)) continue;
    link(join(source, "node_modules", dependency), join(modules, dependency));
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
}

/** Development dependencies of `e2e`, for the consumer to import. */
export function linkPackages(consumer: Consumer, names: readonly string[]): void {
  linkFrom(consumer, join(root, "e2e/node_modules"), names);
}

export function linkFrom(consumer: Consumer, modules: string, names: readonly string[]): void {
  for (const name of names) link(join(modules, name), join(consumer.folder, "node_modules", name));
}

/** The frameworks that the example uses, for the consumer to import. */
export function linkExampleDependencies(consumer: Consumer): void {
  const installed = join(root, "examples/docs-agent/node_modules");
  const scoped = ["@langchain", "@llamaindex"].flatMap((scope) =>
    readdirSync(join(installed, scope)).map((name) => join(scope, name)),
  );
  for (const name of [...scoped, "llamaindex"]) {
    link(join(installed, name), join(consumer.folder, "node_modules", name));
  }
}

/** The example as it was built, with the frameworks that it uses. */
export function copyExample(consumer: Consumer): void {
  linkExampleDependencies(consumer);
  cpSync(join(root, "examples/docs-agent/dist"), join(consumer.folder, "agent"), { recursive: true });
}
