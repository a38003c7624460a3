import { defineConfig } from "vitest/config";

const source = {
  resolve: { conditions: ["@spanwise/source", "node", "import", "module", "default"] },
  ssr: { resolve: { conditions: ["@spanwise/source", "node", "import", "module", "default"] } },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: "unit",
          include: ["packages/*/test/**/*.test.{ts,tsx}", "scripts/test/**/*.test.ts"],
          typecheck: { enabled: false },
        },
      },
      {
        ...source,
        test: {
          name: "types",
          include: [],
          typecheck: { enabled: true, only: true, include: ["packages/*/test/**/*.test-d.ts"], tsconfig: "tsconfig.types.json" },
        },
      },
      {
        // Runs the built and packed packages as an application would; `scripts/test.mjs` builds first.
        test: { name: "e2e", include: ["e2e/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 180_000, fileParallelism: false },
      },
    ],
  },
});
