import { defineConfig } from "vitest/config";

const source = {
  resolve: { conditions: ["@spanwise/source", "module", "node", "development|production"] },
  // As Node itself resolves, where "module" is a bundler's word: the AWS client breaks with it.
  ssr: { resolve: { conditions: ["@spanwise/source", "node", "development|production"] } },
};

/** How long `expect.poll` waits, ms: a bound and no claim. Vitest's own second is over on a loaded machine before a process has answered. */
const patient = { expect: { poll: { timeout: 10_000 } } };

const seeded = { setupFiles: ["scripts/lib/property-seed.mjs"] };

/** They belong to `.ci/run`, as do the next ones. */
const FOREIGN_CLIENTS = ["packages/server/test/clients/**/*.test.ts"];

/**
 * Those of 4 to 30 s each, beyond what `npm test` has room for in its eight minutes: heaps that must stay flat over many thousand
 * operations, every method of the client compared call by call, programs that start others by the dozen, hostile inputs by the hundred, a compiler.
 */
const LONG = [
  "e2e/sentry.test.ts",
  "e2e/types.test.ts",
  "packages/core/test/media/upload.test.ts",
  "packages/core/test/spool/processes.test.ts",
  "packages/core/test/tracer/lifecycle-memory.test.ts",
  "packages/core/test/tracer/mixed-faults-long.prop.test.ts",
  "packages/openai/test/memory.test.ts",
  "packages/openai/test/conformance/every-method.test.ts",
  "packages/server/test/cli-{commands,files,run}.test.ts",
  "packages/server/test/fuzz/http.prop.test.ts",
  "packages/server/test/hostile/{cut-values,filters,list-rows,names}.test.ts",
  "packages/server/test/intake/{border,failures,interrupted}.test.ts",
  "packages/server/test/store/{killed-deletion,large-deletion}.test.ts",
  "packages/server/test/store/parity-odd.prop.test.ts",
  "packages/server/test/store/rollups.prop.test.ts",
  "packages/server/test/terminated.test.ts",
];

export default defineConfig({
  test: {
    // Vitest's own default leaves one core idle, which on a machine with two is half of it.
    maxWorkers: "100%",
    projects: [
      {
        ...source,
        test: {
          ...patient,
          ...seeded,
          name: "unit",
          include: ["packages/*/test/**/*.test.{ts,tsx}", "scripts/test/**/*.test.ts"],
          exclude: [...FOREIGN_CLIENTS, ...LONG],
          typecheck: { enabled: false },
          // Bounds, not claims: the first SQLite store of a run transpiles the server's sources for its workers, and on a loaded
          // machine that alone exceeds the 5 s that are the default.
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        ...source,
        test: {
          ...patient,
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["packages/*/test/**/*.test-d.ts"],
            tsconfig: "tsconfig.types.json",
          },
        },
      },
      {
        // Built and packed packages, as an application has them. `scripts/test.mjs` builds first.
        test: {
          ...patient,
          name: "e2e",
          include: ["e2e/*.test.ts"],
          exclude: LONG,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        ...source,
        test: { ...patient, ...seeded, name: "long", include: LONG, testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        // The published SDKs of others against the server, one process each. One of them needs a newer Node from the registry.
        ...source,
        test: { ...patient, name: "clients", include: FOREIGN_CLIENTS, testTimeout: 60_000, fileParallelism: false },
      },
      {
        // Needs bun, deno and miniflare: `npm run test:matrix` installs them.
        test: {
          ...patient,
          name: "runtimes",
          include: ["e2e/runtimes/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        // Needs Chromium: `.ci/run` installs it.
        test: {
          ...patient,
          name: "browser",
          include: ["e2e/browser/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
